"""The platform's own people: users of `public`."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.password_links import new_password_url
from core.accounts.rights import Role
from core.shared.addresses import console_url
from core.shared.errors import AppError
from core.shared.sentences import join_sentences
from tenants.console.log import note
from tenants.postgresql_backend.platform import as_platform


def create_operator(*, email: str, name: str = "", password: str | None = None) -> User:
    """Called outside any chain; without a password, a `password_link` leads to one. Raises AppError."""
    kept, field = email.strip().lower(), "email"
    try:
        validate_email(kept)
        field = "password"
        if password is not None:
            validate_password(password, User(email=kept, name=name))
    except ValidationError as error:
        raise AppError(f"{field}_invalid", join_sentences(error.messages), field=field) from error
    if User.objects.filter(email=kept).exists():
        raise AppError("email_taken", _("There is an operator with this e-mail already."), field="email", status=409)
    return User.objects.create(
        email=kept, name=name, role=Role.OPERATOR, password=make_password(password), email_confirmed_at=timezone.now()
    )


def password_link(operator: User) -> str:
    """Good once, and for three days. It leads to the console. Raises AppError where there is none."""
    if not console_url():
        message = _("There is no console: name its host in CONSOLE_HOSTS first.")
        raise AppError("no_console", message)
    return new_password_url(operator)


def deactivate_operator(*, acting_user: User, operator_id: int) -> User:
    """The operator is out at the next request, of the console and of any chain gone into.

    Someone who may work here is always left: who does this, and never to oneself. Raises AppError.
    """
    with transaction.atomic():
        operator = _locked(acting_user, operator_id)
        if operator.pk == acting_user.pk:
            raise AppError("yourself", _("You cannot deactivate yourself; ask another operator."), status=409)
        _set_active(operator, acting_user, active=False)
    return operator


def reactivate_operator(*, acting_user: User, operator_id: int) -> User:
    with transaction.atomic():
        operator = _locked(acting_user, operator_id)
        _set_active(operator, acting_user, active=True)
    return operator


def is_operator(email: str) -> bool:
    """Still. Called from anywhere."""
    with as_platform():
        return User.objects.filter(email=email, role=Role.OPERATOR, is_active=True).exists()


def _locked(acting_user: User, operator_id: int) -> User:
    """All are locked in one order: of two who deactivate each other, the second is no operator any more."""
    found = {one.pk: one for one in User.objects.select_for_update().filter(role=Role.OPERATOR).order_by("pk")}
    if acting_user.pk not in found or not found[acting_user.pk].is_active:
        raise AppError("not_allowed", _("You are no operator any more."), status=403)
    if operator_id not in found:
        raise AppError("no_such_operator", _("There is no such operator."), status=404)
    return found[operator_id]


def _set_active(operator: User, acting_user: User, *, active: bool) -> None:
    if operator.is_active != active:
        operator.is_active = active
        operator.save(update_fields=["is_active"])
        note(acting_user, f"{'Reactivated' if active else 'Deactivated'} operator {operator.email}")
