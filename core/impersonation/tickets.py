"""How an operator comes from the console to a chain's host: by a ticket, good once and for a minute."""

from dataclasses import asdict, dataclass

from core.accounts import tickets
from core.accounts.models import User

PURPOSE = "impersonation"


@dataclass(frozen=True)
class Errand:
    """Who comes in as whom, why, and where the way back leads."""

    operator: str
    user_id: int
    reason: str
    back: str


def issue_ticket(*, operator: str, user: User, reason: str, back: str) -> str:
    """For a user of the chain entered."""
    return tickets.issue(PURPOSE, asdict(Errand(operator, user.pk, reason, back)))


def redeem_ticket(ticket: str) -> Errand | None:
    said = tickets.redeem(PURPOSE, ticket)
    return Errand(**said) if said else None
