"""How people sign in, and what they change of it, told by signals of Django and django-allauth; of second factors, by
their rows: those are written within the transaction, allauth's signals sent after it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_changed, password_reset
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
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
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit")
    password_changed.connect(_password_changed, dispatch_uid="audit")
    password_reset.connect(_password_reset, dispatch_uid="audit")
    sessions_ended.connect(_sessions_ended, dispatch_uid="audit")
    email_changed.connect(_email_changed, dispatch_uid="audit")
    post_save.connect(_factor_saved, sender=Authenticator, dispatch_uid="audit")
    post_delete.connect(_factor_deleted, sender=Authenticator, dispatch_uid="audit")


def _signed_in(user: User, **_more: Any) -> None:
    _record(Action.SIGN_IN, user)


def _signed_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        _record(Action.SIGN_OUT, user)


def _sign_in_failed(credentials: dict[str, Any], **_more: Any) -> None:
    """Only for people the chain knows: else a stranger could fill the trail, and with what was typed by mistake."""
    email = str(credentials.get("username") or credentials.get("email") or "")
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        _record(Action.SIGN_IN_FAILED, user)


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
    """The platform's own people are in no chain's trail."""
    if is_inside_chain():
        record(action=action, acting_user=user, subject=user, before=before, after=after)
