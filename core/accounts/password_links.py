"""Links for choosing a password: they work once, for three days."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.policy import requires_second_factor
from core.accounts.rights import Role
from core.mail.emails import EmailText, send_email
from core.shared.addresses import own_url
from core.shared.chain import current_chain, is_inside_chain


def new_password_url(user: User) -> str:
    """For a user of the chain entered; outside any, for an operator."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    urlconf = settings.ROOT_URLCONF if is_inside_chain() else settings.CONSOLE_URLCONF
    return own_url(reverse("account_reset_password_from_key", kwargs=key, urlconf=urlconf))


def remove_all_passwords() -> None:
    """Makes every password of the current chain unusable."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET password = '{UNUSABLE_PASSWORD_PREFIX}' || gen_random_uuid()")  # noqa: S608


def send_links_to_owners() -> None:
    """Sends the owners a link after a restoration, since archives hold no passwords."""
    for owner in User.objects.filter(role=Role.OWNER, is_active=True):
        _send(owner)


def has_user_without_password() -> bool:
    """Whether the sign-in page mentions missing passwords, as after a restoration."""
    return User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()


def _send(owner: User) -> None:
    chain, link = current_chain(), new_password_url(owner)
    is_required = requires_second_factor()

    def compose() -> EmailText:
        paragraphs = [
            _("%s was restored from an archive. Archives hold no passwords: everyone chooses a new one.") % chain.name,
            _("Your link works once, for three days. After that, and for your team: “Forgotten your password?”."),
        ]
        if is_required:
            paragraphs.append(_("Two-step sign-in is set up anew after the first sign-in."))
        return EmailText(
            subject=_("Choose a new password for %s") % chain.name,
            paragraphs=tuple(paragraphs),
            links=((_("Choose a new password"), link),),
        )

    send_email(to=owner.email, compose=compose, first=owner.language or chain.language)
