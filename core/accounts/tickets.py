"""One-time tickets that sign someone in on a chain's host who has proved on another host who they are.

A ticket is a random number that the cache knows for a minute, under the chain's own keys: it opens no other chain, and
once used it is gone.
"""

import hashlib
import secrets

from django.core.cache import cache

from core.accounts.models import User

SECONDS = 60


def issue_ticket(user: User) -> str:
    """For a user of the chain entered."""
    ticket = secrets.token_urlsafe(32)
    cache.set(_key(ticket), user.pk, SECONDS)
    return ticket


def redeem_ticket(ticket: str) -> User | None:
    """The user it was issued for; None where it is unknown here, late or used."""
    user_id = cache.get(_key(ticket))
    # Of two that come with the same ticket, only one deletes it.
    if user_id is None or not cache.delete(_key(ticket)):
        return None
    return User.objects.filter(pk=user_id, is_active=True).first()


def _key(ticket: str) -> str:
    return f"ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
