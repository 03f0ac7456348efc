"""One-time tickets that let someone in on a chain's host who has proved on another host who they are.

A ticket is a random number that the cache knows for a minute, under the chain's own keys: it opens no other chain, is
good for its one purpose, and once used it is gone.
"""

import hashlib
import secrets
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.shared.errors import AppError

SECONDS = 60
SIGN_IN = "sign-in"


def issue_ticket(user: User) -> str:
    """Signs in a user of the chain entered. Raises AppError where the cache does not take it."""
    return issue(SIGN_IN, user.pk)


def redeem_ticket(ticket: str) -> User | None:
    """The user it was issued for; None where it is unknown here, late or used."""
    return User.objects.filter(pk=redeem(SIGN_IN, ticket), is_active=True).first()


def issue(purpose: str, payload: Any) -> str:
    """For the chain entered; `said` is what whoever redeems it is told. Raises AppError where the cache does not take
    it."""
    ticket = secrets.token_urlsafe(32)
    if not cache.add(_key(purpose, ticket), payload, SECONDS):
        raise AppError("no_ticket", _("This does not work just now. Try again in a minute."), status=503)
    return ticket


def redeem(purpose: str, ticket: str) -> Any:
    payload = cache.get(_key(purpose, ticket))
    # Of two that come with the same ticket, only one deletes it.
    return payload if payload is not None and cache.delete(_key(purpose, ticket)) else None


def _key(purpose: str, ticket: str) -> str:
    return f"ticket:{purpose}:{hashlib.sha256(ticket.encode()).hexdigest()}"
