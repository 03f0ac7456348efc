"""Where someone signs in: told by mail to the address itself, and to nobody else."""

import hashlib

from django.utils.translation import gettext as _

from core.mail.emails import EmailText, send_email
from core.shared.addresses import chain_url
from core.shared.rate_limits import is_over_limit
from tenants.signup.directory import chains_of, normalised

# Mails to one address, so that no one is flooded by somebody else's asking.
MAILS = 3
SECONDS = 3600


def send_addresses(email: str) -> None:
    """Nothing where the address is not known, or has had its mails of the hour."""
    to = normalised(email)
    chains = chains_of(to)
    if not chains or _has_had_enough(to):
        return

    def letter() -> EmailText:
        return EmailText(
            subject=_("Where you sign in to Revisit"),
            paragraphs=(
                _("Someone, probably you, asked where this e-mail address signs in. It is here:"),
                _("If it was not you, do nothing: nobody has been told but you."),
            ),
            links=tuple((name, chain_url(domain, "/sign-in/")) for name, domain in chains),
        )

    send_email(to=to, compose=letter)


def _has_had_enough(email: str) -> bool:
    return is_over_limit("finder-mail", hashlib.sha256(email.encode()).hexdigest(), times=MAILS, seconds=SECONDS)
