"""What people change of how they sign in, told by django-allauth's signals and, of second factors, by its rows: those
are written within the transaction, its signals sent after it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_changed, password_reset
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_delete, post_save

from core.accounts.models import User
from core.accounts.signals import sessions_ended
from core.audit.declaration import Action
from core.audit.trail import Fields, record
from core.shared.chain import is_inside_chain

_MADE = {
    Authenticator.Type.TOTP: Action.SECOND_FACTOR_SET_UP,
    Authenticator.Type.RECOVERY_CODES: Action.RECOVERY_CODES_MADE,
}


def connect() -> None:
    password_changed.connect(_password_changed, dispatch_uid="audit")
    password_reset.connect(_password_reset, dispatch_uid="audit")
    sessions_ended.connect(_sessions_ended, dispatch_uid="audit")
    email_changed.connect(_email_changed, dispatch_uid="audit")
    post_save.connect(_factor_saved, sender=Authenticator, dispatch_uid="audit")
    post_delete.connect(_factor_deleted, sender=Authenticator, dispatch_uid="audit")


def _password_changed(user: User, **_more: Any) -> None:
    _record(Action.PASSWORD_CHANGED, user)


def _password_reset(user: User, **_more: Any) -> None:
    _record(Action.PASSWORD_RESET, user)


def _email_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_more: Any
) -> None:
    before = {"email": from_email_address.email} if from_email_address else {}
    _record(Action.EMAIL_CHANGED, user, before=before, after={"email": to_email_address.email})


def _sessions_ended(user: User, devices: list[str], **_more: Any) -> None:
    _record(Action.SESSIONS_ENDED, user, after={"devices": devices})


def _factor_saved(instance: Authenticator, created: bool, **_more: Any) -> None:  # noqa: FBT001 - Django's signature
    action = _MADE.get(Authenticator.Type(instance.type))
    if created and action:
        _record(action, instance.user)


def _factor_deleted(instance: Authenticator, **_more: Any) -> None:
    """Recovery codes go with it, or are made anew."""
    if instance.type == Authenticator.Type.TOTP and is_inside_chain():
        by = getattr(instance, "removed_by", instance.user)
        record(action=Action.SECOND_FACTOR_REMOVED, acting_user=by, subject=instance.user)


def _record(action: Action, user: User, *, before: Fields | None = None, after: Fields | None = None) -> None:
    if is_inside_chain():
        record(action=action, acting_user=user, subject=user, before=before, after=after)
