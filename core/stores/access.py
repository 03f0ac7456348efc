"""Which stores a user sees and works in, by the reach of the role (`core.accounts.rights`)."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.rights import Reach
from core.shared.chain import chain_today
from core.shared.errors import AppError
from core.stores.models import RegionAccess, Store, StoreLocation


def visible_stores(user: User) -> QuerySet[Store]:
    """In the order of their codes."""
    reach, stores = user.reach, Store.objects.order_by("code")
    if reach == Reach.CHAIN:
        return stores
    if reach == Reach.REGIONS:
        regions = RegionAccess.objects.filter(user=user).values("region")
        return stores.filter(pk__in=_located_on(chain_today()).filter(region__in=regions).values("store"))
    if reach == Reach.STORES:
        return stores.filter(access__user=user)
    return stores.none()


def _located_on(day: date) -> QuerySet[StoreLocation]:
    """The location of each store that holds on a day."""
    later = StoreLocation.objects.filter(store=OuterRef("store"), valid_from__gt=OuterRef("valid_from"))
    return StoreLocation.objects.filter(~Exists(later.filter(valid_from__lte=day)), valid_from__lte=day)


def require_store(user: User, store_id: int) -> None:
    """Raises AppError (status 403) unless the user works in that store."""
    if not user.sees_all_stores and not visible_stores(user).filter(pk=store_id).exists():
        raise AppError("not_your_store", _("You do not work in that store."), field="store", status=403)
