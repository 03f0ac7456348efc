"""Two-step sign-in, as django-allauth keeps it: secrets of former keys, factors that were lost."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.adapter import PURPOSE
from core.accounts.models import User
from core.mail.emails import EmailText, send_email
from core.shared.chain import current_chain
from core.shared.encryption import encrypted_anew

SECRETS = ("secret", "seed")


def reencrypt_secrets() -> int:
    """Encrypts the secrets of the current schema with the present SECRET_KEY; returns how many there are."""
    with transaction.atomic():
        authenticators = list(Authenticator.objects.select_for_update())
        for one in authenticators:
            for name in one.data.keys() & SECRETS:
                one.data[name] = encrypted_anew(one.data[name], purpose=PURPOSE)
        Authenticator.objects.bulk_update(authenticators, ["data"], batch_size=500)
    return len(authenticators)


def remove_authenticators(user: User, *, by: User | None) -> bool:
    """Removes the second factor of a user who lost it, and tells the user by mail. `by` is None on the command line.
    Returns False if there was none."""
    with transaction.atomic():
        authenticators = list(Authenticator.objects.select_for_update().filter(user=user))
        for one in authenticators:
            # Read by the audit trail when the row is deleted.
            one.removed_by = by
            one.delete()
        if authenticators:
            _notify(user, by)
    return bool(authenticators)


def _notify(user: User, by: User | None) -> None:
    chain = current_chain()

    def compose() -> EmailText:
        who = {"who": by or _("The operator of the platform"), "chain": chain.name}
        return EmailText(
            subject=_("Two-step sign-in is taken off your account at %(chain)s") % who,
            paragraphs=(
                _("%(who)s has taken it off, so that you can sign in to %(chain)s with your password alone.") % who,
                _("Set it up again under “Your account” as soon as you have an authenticator app."),
                _("If you did not ask for this, change your password and tell an owner of the chain."),
            ),
        )

    send_email(to=user.email, compose=compose, first=user.language or chain.language)
