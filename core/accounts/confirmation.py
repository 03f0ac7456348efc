"""Confirms e-mail addresses by a link sent to them.

The link holds the user and the address, signed for the chain. It is valid for three days and for that address only,
until the address is confirmed.
"""

from datetime import timedelta

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.mail.emails import EmailText, send_email
from core.shared.chain import current_chain
from core.shared.errors import AppError

VALID_FOR = timedelta(days=3)
PATH = "/confirm-email/"


def is_confirmed(user: User) -> bool:
    return user.email_confirmed_at is not None


def send_confirmation(user: User) -> None:
    """Sends the confirmation mail."""
    link = current_chain().url(f"{PATH}?token={_signed(user)}")
    chain = current_chain().name

    def compose() -> EmailText:
        return EmailText(
            subject=_("Confirm your e-mail address for %s") % chain,
            paragraphs=(
                _("This address was given for %s at Revisit. Confirm that it is yours.") % chain,
                _("The link works once, for three days. If you know nothing of this, do nothing."),
            ),
            links=((_("Confirm this address"), link),),
        )

    send_email(to=user.email, compose=compose, first=user.language)


def user_for_token(token: str) -> User:
    """The user whose address the token confirms. Raises AppError if it is forged, expired or used."""
    try:
        user_id, email = signing.loads(token, salt=_salt(), max_age=VALID_FOR)
    except signing.SignatureExpired as error:
        raise AppError(
            "link_late", _("This link was good for three days. Have another sent to you."), status=410
        ) from (error)
    except signing.BadSignature as error:
        raise AppError("link_unknown", _("This link is incomplete. Open it from the mail again.")) from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or user.email != email:
        message = _("This link was sent to an address that is no longer the user’s. Have another sent to you.")
        raise AppError("link_other_address", message, status=410)
    if is_confirmed(user):
        message = _("This address has been confirmed already; there is nothing left to do.")
        raise AppError("link_used", message, status=409)
    return user


def confirm(token: str) -> User:
    """Raises AppError as `user_for_token` does."""
    user = user_for_token(token)
    now = timezone.now()
    # In one statement: of two at once, or with a change of the address in between, one counts.
    if not User.objects.filter(pk=user.pk, email=user.email, email_confirmed_at=None).update(email_confirmed_at=now):
        return user_for_token(token)
    user.email_confirmed_at = now
    return user


def _signed(user: User) -> str:
    return signing.dumps([user.pk, user.email], salt=_salt())


def _salt() -> str:
    return f"accounts.confirmation:{current_chain().schema_name}"
