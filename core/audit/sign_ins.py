"""Sign-ins and sign-outs, told by Django's own signals; those of the platform's people are in no chain's trail."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from core.accounts.models import User
from core.audit.declaration import Action
from core.audit.trail import record
from core.shared.chain import is_inside_chain


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")


def _signed_in(user: User, **_more: Any) -> None:
    if is_inside_chain():
        record(action=Action.SIGN_IN, acting_user=user, subject=user)


def _signed_out(user: User | None, **_more: Any) -> None:
    if user is not None and is_inside_chain():
        record(action=Action.SIGN_OUT, acting_user=user, subject=user)


def _failed(credentials: dict[str, Any], **_more: Any) -> None:
    """Only for people the chain knows: else a stranger could fill the trail, and with what was typed by mistake."""
    if not is_inside_chain():
        return
    email = str(credentials.get("username") or credentials.get("email") or "")
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        record(action=Action.SIGN_IN_FAILED, acting_user=user, subject=user)
