"""Invitations by a link in a mail: valid for a week, once, and only the latest one."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.mail.emails import EmailText, send_email
from core.shared.chain import current_chain, require_writable
from core.shared.errors import AppError, violated_constraint
from core.shared.sentences import join_sentences
from core.team.declaration import MANAGE_TEAM, Action
from core.team.services.members import Scope, checked_role, placement_of, set_scope

VALID_FOR = timedelta(days=7)
SALT = "core.team.invitation"
# The name PostgreSQL gives the constraint.
UNIQUE_EMAIL = "accounts_user_email_key"


def invite(*, acting_user: User, email: str, name: str, role: str, scope: Scope) -> User:
    """Makes a user who cannot sign in yet, and sends the link.

    Raises AppError: no right, an address that is none or is taken, a role or scope that there is not.
    """
    require_right(acting_user, MANAGE_TEAM)
    address = _checked_email(email)
    role = checked_role(role)
    try:
        with transaction.atomic():
            user = User.objects.create(
                email=address,
                name=name.strip(),
                role=role,
                is_active=False,
                invited_at=timezone.now(),
                password=make_password(None),
            )
            set_scope(user, scope)
            record(action=Action.USER_INVITED, acting_user=acting_user, subject=user, after=placement_of(user))
            _send(user, acting_user)
    except IntegrityError as error:
        if violated_constraint(error) != UNIQUE_EMAIL:
            raise
        message = _("%s is in the team already.") % address
        raise AppError("already_in_team", message, field="email", status=409) from error
    return user


def resend_invitation(*, acting_user: User, user_id: int) -> User:
    """Sends a new link, which invalidates earlier ones. Raises AppError: no right, no such invitation."""
    require_right(acting_user, MANAGE_TEAM)
    with transaction.atomic():
        user = _locked_invitee(user_id)
        user.invited_at = timezone.now()
        user.save(update_fields=["invited_at"])
        record(action=Action.USER_INVITED, acting_user=acting_user, subject=user)
        _send(user, acting_user)
    return user


def withdraw_invitation(*, acting_user: User, user_id: int) -> None:
    """Raises AppError: no right, no such invitation."""
    require_right(acting_user, MANAGE_TEAM)
    with transaction.atomic():
        user = _locked_invitee(user_id)
        record(action=Action.USER_INVITATION_TAKEN_BACK, acting_user=acting_user, subject=user)
        user.delete()


def accept(*, token: str, name: str, password: str) -> User:
    """Raises AppError: a link that is not good (any more), a password that is too weak."""
    require_writable()
    with transaction.atomic():
        user = invitee_for_token(token, lock=True)
        user.name = name.strip() or user.name
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise AppError("weak_password", join_sentences(error.messages), field="password") from error
        user.set_password(password)
        user.is_active, user.invited_at = True, None
        # The link has been read where it was sent to.
        user.email_confirmed_at = timezone.now()
        user.save()
        record(action=Action.USER_JOINED, acting_user=user, subject=user)
    return user


def invitee_for_token(token: str, *, lock: bool = False) -> User:
    """The invited user. Raises AppError if the token is forged, expired, used or not the latest."""
    try:
        content = signing.loads(token, salt=_salt(), max_age=VALID_FOR)
    except signing.BadSignature:
        raise _bad_invitation() from None
    users = User.objects.select_for_update() if lock else User.objects.all()
    user = users.filter(pk=content["user"]).first()
    if user is None or user.invited_at is None or user.invited_at.isoformat() != content["sent"]:
        raise _bad_invitation()
    return user


def _salt() -> str:
    """Signed by chain: a link of one is invalid in another."""
    return f"{SALT}:{current_chain().schema_name}"


def _token(user: User) -> str:
    sent = user.invited_at.isoformat() if user.invited_at else ""
    return signing.dumps({"user": user.pk, "sent": sent}, salt=_salt())


def _send(user: User, inviter: User) -> None:
    chain = current_chain()
    link = chain.url(reverse("team:join", args=[_token(user)], urlconf=settings.ROOT_URLCONF))

    def compose() -> EmailText:
        names = {"inviter": inviter, "chain": chain.name, "role": user.get_role_display()}
        return EmailText(
            subject=_("%(inviter)s invites you to %(chain)s") % names,
            paragraphs=(
                _("%(inviter)s invites you to the team of %(chain)s, as: %(role)s.") % names,
                ngettext(
                    "The link is good for %(n)s day, once, and for you alone: do not pass it on.",
                    "The link is good for %(n)s days, once, and for you alone: do not pass it on.",
                    VALID_FOR.days,
                )
                % {"n": VALID_FOR.days},
                _("If you do not know who this is, ignore this mail: nothing happens without the link."),
            ),
            links=((_("Choose a password and begin"), link),),
        )

    send_email(to=user.email, compose=compose, first=chain.language)


def _locked_invitee(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id, invited_at__isnull=False).first()
    if user is None:
        raise AppError("no_invitation", _("There is no such invitation (any more)."), status=404)
    return user


def _checked_email(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise AppError("bad_email", _("“%s” is no e-mail address.") % address, field="email") from error
    return address


def _bad_invitation() -> AppError:
    message = _(
        "This link is not good (any more): it was used, replaced by a newer one, or is a week old. Ask for another."
    )
    return AppError("bad_invitation", message, status=410)
