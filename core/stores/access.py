"""Which stores a user sees and works in: HQ all of them, a store manager the own ones, nobody else any."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.shared.errors import AppError
from core.stores.models import Store


def visible_stores(user: User) -> QuerySet[Store]:
    if not user.is_active:
        return Store.objects.none()
    if user.role == User.Role.HQ:
        return Store.objects.all()
    if user.role == User.Role.STORE_MANAGER:
        return Store.objects.filter(access__user=user)
    return Store.objects.none()


def require_store(user: User, store_id: int) -> None:
    """Raises AppError (status 403) unless the user works in that store."""
    works_in_all = user.is_active and user.role == User.Role.HQ
    if not works_in_all and not visible_stores(user).filter(pk=store_id).exists():
        raise AppError("not_your_store", _("You do not work in that store."), field="store", status=403)
