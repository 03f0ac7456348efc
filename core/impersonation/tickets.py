"""Tickets that let an operator enter a chain's host from the console: valid once, for a minute."""

from dataclasses import asdict, dataclass

from core.accounts import tickets
from core.accounts.models import User

PURPOSE = "impersonation"


@dataclass(frozen=True)
class ImpersonationRequest:
    """The operator, the user to act as, the reason and the address to return to."""

    operator: str
    user_id: int
    reason: str
    back: str


def issue_ticket(*, operator: str, user: User, reason: str, back: str) -> str:
    """For a user of the chain entered."""
    return tickets.issue(PURPOSE, asdict(ImpersonationRequest(operator, user.pk, reason, back)))


def redeem_ticket(ticket: str) -> ImpersonationRequest | None:
    payload = tickets.redeem(PURPOSE, ticket)
    return ImpersonationRequest(**payload) if payload else None
