"""One-time tickets that sign a user in on a chain's host after authentication on another host.

A ticket is a random token that the cache holds for a minute under the chain's own keys: it is valid for one chain, one
purpose and one use.
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
    """A ticket for a user of the current chain. Raises AppError if the cache is down."""
    return issue(SIGN_IN, user.pk)


def redeem_ticket(ticket: str) -> User | None:
    """The user of the ticket; None if it is unknown, expired or used."""
    return User.objects.filter(pk=redeem(SIGN_IN, ticket), is_active=True).first()


def issue(purpose: str, payload: Any) -> str:
    """A ticket of the current chain; `redeem` returns its payload. Raises AppError if the cache is down."""
    ticket = secrets.token_urlsafe(32)
    if not cache.add(_key(purpose, ticket), payload, SECONDS):
        raise AppError("no_ticket", _("This does not work just now. Try again in a minute."), status=503)
    return ticket


def redeem(purpose: str, ticket: str) -> Any:
    payload = cache.get(_key(purpose, ticket))
    # If two requests bring the same ticket, only one deletes it.
    return payload if payload is not None and cache.delete(_key(purpose, ticket)) else None


def _key(purpose: str, ticket: str) -> str:
    return f"ticket:{purpose}:{hashlib.sha256(ticket.encode()).hexdigest()}"
