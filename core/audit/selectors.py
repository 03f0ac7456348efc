"""Reading the trail, the newest first, a bounded piece at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.chain import current_chain

ROWS = 50
BATCH = 1000
PEOPLE = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for. `start` and `end` are days of the chain's time zone, both included."""

    actor: str = ""
    action: str = ""
    subject_type: str = ""
    subject_id: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Cursor:
    """The last entry of the piece before: time and id."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp())}.{self.at.microsecond:06}-{self.pk}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None for what is no cursor."""
        try:
            moment, pk = text.split("-")
            seconds, microseconds = moment.split(".")
            at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(microseconds))
            return cls(at, int(pk)) if 0 <= int(pk) < 2**63 else None
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Piece:
    entries: Sequence[AuditEntry]
    # None where this is the end.
    following: Cursor | None


def entries(asked: Asked, after: Cursor | None = None, size: int = ROWS) -> Piece:
    found = list(_matching(asked, after)[: size + 1])
    shown = found[:size]
    following = Cursor(shown[-1].at, shown[-1].pk) if len(found) > size else None
    return Piece(shown, following)


def all_entries(asked: Asked) -> Iterator[AuditEntry]:
    """However many there are, never more than a batch in memory."""
    after = None
    while True:
        piece = entries(asked, after, BATCH)
        yield from piece.entries
        after = piece.following
        if after is None:
            return


def people() -> list[str]:
    """E-mails to choose from."""
    return list(User.objects.order_by("email").values_list("email", flat=True)[:PEOPLE])


def _matching(asked: Asked, after: Cursor | None) -> QuerySet[AuditEntry]:
    zone = ZoneInfo(current_chain().time_zone)
    found = AuditEntry.objects.order_by("-at", "-pk")
    given = {"actor": asked.actor, "action": asked.action, "subject_type": asked.subject_type}
    if asked.subject_type:
        given["subject_id"] = asked.subject_id
    found = found.filter(**{name: value for name, value in given.items() if value})
    if asked.start:
        found = found.filter(at__gte=datetime.combine(asked.start, time(), zone))
    if asked.end:
        found = found.filter(at__lt=datetime.combine(asked.end + timedelta(days=1), time(), zone))
    if after:
        # The first condition is what an index can be read from.
        found = found.filter(at__lte=after.at).filter(Q(at__lt=after.at) | Q(pk__lt=after.pk))
    return found
