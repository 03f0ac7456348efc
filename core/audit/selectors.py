"""Queries of the audit trail: newest first, a page at a time."""

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
class EntryFilter:
    """The filters. `start` and `end` are days in the chain's time zone, both included."""

    actor: str = ""
    action: str = ""
    subject_type: str = ""
    subject_id: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Cursor:
    """The last entry of the page before: time and id."""

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
class EntryPage:
    entries: Sequence[AuditEntry]
    # None on the last page.
    following: Cursor | None


def entries(filters: EntryFilter, after: Cursor | None = None, size: int = ROWS) -> EntryPage:
    queryset = list(_filtered(filters, after)[: size + 1])
    shown = queryset[:size]
    following = Cursor(shown[-1].at, shown[-1].pk) if len(queryset) > size else None
    return EntryPage(shown, following)


def all_entries(filters: EntryFilter) -> Iterator[AuditEntry]:
    """All entries, with one batch in memory at a time."""
    after = None
    while True:
        page = entries(filters, after, BATCH)
        yield from page.entries
        after = page.following
        if after is None:
            return


def people() -> list[str]:
    """E-mail addresses for the filter's list of suggestions."""
    return list(User.objects.order_by("email").values_list("email", flat=True)[:PEOPLE])


def _filtered(filters: EntryFilter, after: Cursor | None) -> QuerySet[AuditEntry]:
    zone = ZoneInfo(current_chain().time_zone)
    queryset = AuditEntry.objects.order_by("-at", "-pk")
    conditions = {"actor": filters.actor, "action": filters.action, "subject_type": filters.subject_type}
    if filters.subject_type:
        conditions["subject_id"] = filters.subject_id
    queryset = queryset.filter(**{name: value for name, value in conditions.items() if value})
    if filters.start:
        queryset = queryset.filter(at__gte=datetime.combine(filters.start, time(), zone))
    if filters.end:
        queryset = queryset.filter(at__lt=datetime.combine(filters.end + timedelta(days=1), time(), zone))
    if after:
        # The first condition is what an index can be read from.
        queryset = queryset.filter(at__lte=after.at).filter(Q(at__lt=after.at) | Q(pk__lt=after.pk))
    return queryset
