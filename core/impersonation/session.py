"""The session of an operator in a chain: one of its own, marked, and over after an hour.

It is begun without Django's `login`: no session of the user ends, none is added to the user's list, and the user has
not signed in.
"""

import secrets
import time
from dataclasses import asdict, dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from core.accounts import policy, tickets
from core.accounts.models import User
from core.impersonation.audit_entries import SECONDS, record_beginning, record_end

SESSION_ENTRY = "impersonation"
# Lets an operator enter a chain's host from the console: once, within a minute.
TICKET = "impersonation"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class ImpersonationRequest:
    """The operator, the user to act as, the reason and the address to return to."""

    operator: str
    user_id: int
    reason: str
    back: str


def issue_ticket(*, operator: str, user: User, reason: str, back: str) -> str:
    """For a user of the chain entered."""
    return tickets.issue(TICKET, asdict(ImpersonationRequest(operator, user.pk, reason, back)))


def redeem_ticket(ticket: str) -> ImpersonationRequest | None:
    payload = tickets.redeem(TICKET, ticket)
    return ImpersonationRequest(**payload) if payload else None


@dataclass(frozen=True)
class Impersonation:
    """`number` is what the trail knows it by; `until` in seconds since 1970."""

    number: str
    operator: str
    reason: str
    back: str
    until: float

    @property
    def is_over(self) -> bool:
        return time.time() >= self.until


def impersonation_of(request: HttpRequest) -> Impersonation | None:
    session = getattr(request, "session", None)
    payload = session.get(SESSION_ENTRY) if session is not None else None
    return Impersonation(**payload) if payload else None


def begin(request: HttpRequest, requested: ImpersonationRequest) -> User | None:
    """None where the user has gone or been deactivated meanwhile."""
    user = User.objects.filter(pk=requested.user_id, is_active=True).first()
    if user is None:
        return None
    number = secrets.token_hex(4)
    begun = Impersonation(number, requested.operator, requested.reason, requested.back, time.time() + SECONDS)
    record_beginning(number, operator=requested.operator, user=user, reason=requested.reason)
    request.session = type(request.session)()
    request.session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            SESSION_ENTRY: asdict(begun),
            # The operator has proved who it is at the console.
            policy.SECOND_FACTOR_VERIFIED: True,
        }
    )
    request.session.set_expiry(SECONDS)
    rotate_token(request)
    return user


def end(request: HttpRequest, impersonation: Impersonation) -> None:
    """The browser holds no session of the chain any more."""
    record_end(impersonation.number)
    request.session.flush()
    request.user = AnonymousUser()
