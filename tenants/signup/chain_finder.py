"""E-mails someone the addresses of their chains; the answer goes to the address only, never to the page."""

import hashlib

from django.utils.translation import gettext as _

from core.mail.emails import EmailText, send_email
from core.shared.addresses import chain_url
from core.shared.rate_limits import is_over_limit
from tenants.signup.email_directory import find_chains, normalize_email

# Limit per address, so that nobody can flood someone else's inbox.
MAX_EMAILS = 3
LIMIT_SECONDS = 3600


def email_sign_in_links(email: str) -> None:
    """Send the links; nothing if the address is unknown or over its limit."""
    to = normalize_email(email)
    chains = find_chains(to)
    digest = hashlib.sha256(to.encode()).hexdigest()
    if not chains or is_over_limit("finder-mail", digest, times=MAX_EMAILS, seconds=LIMIT_SECONDS):
        return

    def compose() -> EmailText:
        return EmailText(
            subject=_("Where you sign in to Revisit"),
            paragraphs=(
                _("Someone, probably you, asked where this e-mail address signs in. It is here:"),
                _("If it was not you, do nothing: nobody has been told but you."),
            ),
            links=tuple((name, chain_url(domain, "/sign-in/")) for name, domain in chains),
        )

    send_email(to=to, compose=compose)
