"""Operators: the users in the schema `public`."""

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
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from core.shared.sentences import join_sentences
from tenants.console.action_log import log_action


def create_operator(*, email: str, name: str = "", password: str | None = None) -> User:
    """Create an operator; without a password, they choose one by `password_link`. Call outside any chain.

    Raises AppError: invalid or taken e-mail, weak password.
    """
    cleaned, field = email.strip().lower(), "email"
    try:
        validate_email(cleaned)
        field = "password"
        if password is not None:
            validate_password(password, User(email=cleaned, name=name))
    except ValidationError as error:
        raise AppError(f"{field}_invalid", join_sentences(error.messages), field=field) from error
    if User.objects.filter(email=cleaned).exists():
        raise AppError("email_taken", _("There is an operator with this e-mail already."), field="email", status=409)
    return User.objects.create(
        email=cleaned,
        name=name,
        role=Role.OPERATOR,
        password=make_password(password),
        email_confirmed_at=timezone.now(),
    )


def password_link(operator: User) -> str:
    """Return a link to choose a password, valid once, for three days. Raises AppError if there is no console."""
    if not console_url():
        message = _("There is no console: name its host in CONSOLE_HOSTS first.")
        raise AppError("no_console", message)
    return new_password_url(operator)


def deactivate_operator(*, acting_user: User, operator_id: int) -> User:
    """Deactivate an operator, who is signed out of console and impersonations at the next request.

    Nobody can deactivate themselves, so at least one operator is left. Raises AppError.
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
    """Return whether the e-mail is that of an active operator. Call from anywhere."""
    with outside_chain():
        return User.objects.filter(email=email, role=Role.OPERATOR, is_active=True).exists()


def _locked(acting_user: User, operator_id: int) -> User:
    """Lock all operators in one order, so that two who deactivate each other cannot both succeed."""
    operators = {
        operator.pk: operator for operator in User.objects.select_for_update().filter(role=Role.OPERATOR).order_by("pk")
    }
    if acting_user.pk not in operators or not operators[acting_user.pk].is_active:
        raise AppError("not_allowed", _("You are no operator any more."), status=403)
    if operator_id not in operators:
        raise AppError("no_such_operator", _("There is no such operator."), status=404)
    return operators[operator_id]


def _set_active(operator: User, acting_user: User, *, active: bool) -> None:
    if operator.is_active != active:
        operator.is_active = active
        operator.save(update_fields=["is_active"])
        log_action(acting_user, f"{'Reactivated' if active else 'Deactivated'} operator {operator.email}")
