"""Two-step sign-in, as django-allauth keeps it: secrets of former keys, factors that were lost."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.adapter import PURPOSE
from core.accounts.models import User
from core.mail.letters import Letter, send_letter
from core.shared.chain import current_chain
from core.shared.encryption import encrypted_anew

SECRETS = ("secret", "seed")


def renew_secrets() -> int:
    """Those of the schema entered, encrypted with the SECRET_KEY of now; how many there are."""
    with transaction.atomic():
        kept = list(Authenticator.objects.select_for_update())
        for one in kept:
            for name in one.data.keys() & SECRETS:
                one.data[name] = encrypted_anew(one.data[name], purpose=PURPOSE)
        Authenticator.objects.bulk_update(kept, ["data"], batch_size=500)
    return len(kept)


def take_off(user: User, *, by: User | None) -> bool:
    """For a person who has lost the app and the recovery codes: the password is enough again. The person is told by
    mail. `by` is None on the command line. False where there was none."""
    with transaction.atomic():
        lost = list(Authenticator.objects.select_for_update().filter(user=user))
        for one in lost:
            # For the audit trail.
            one.removed_by = by
            one.delete()
        if lost:
            _tell(user, by)
    return bool(lost)


def _tell(user: User, by: User | None) -> None:
    chain = current_chain()

    def letter() -> Letter:
        who = {"who": by or _("The operator of the platform"), "chain": chain.name}
        return Letter(
            subject=_("Two-step sign-in is taken off your account at %(chain)s") % who,
            paragraphs=(
                _("%(who)s has taken it off, so that you can sign in to %(chain)s with your password alone.") % who,
                _("Set it up again under “Your account” as soon as you have an authenticator app."),
                _("If you did not ask for this, change your password and tell an owner of the chain."),
            ),
        )

    send_letter(to=user.email, compose=letter, first=user.language or chain.language)
