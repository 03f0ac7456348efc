"""Revenue reports for the operator: one function per figure, amounts in the currency's smallest unit.

Months are calendar months in UTC. MRR (monthly recurring revenue) is the monthly amount of active and overdue
subscriptions after recurring discounts; a yearly price counts one twelfth. It is the sum of RevenueChange rows, so that
a month's closing MRR is always its opening MRR plus its changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from billing.models import Account, Invoice, RevenueChange

Kind = RevenueChange.Kind


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True)
class Movement:
    """How MRR moved in a month, in one currency."""

    month: Month
    currency: str
    begin: int
    by_kind: dict[str, int]

    @property
    def end(self) -> int:
        return self.begin + sum(self.by_kind.values())


def mrr(currency: str, at: datetime) -> int:
    """Return the MRR just before a moment."""
    total = RevenueChange.objects.filter(currency=currency, at__lt=at).aggregate(sum=Sum(F("after") - F("before")))
    return int(total["sum"] or 0)


def currencies() -> list[str]:
    """Return the currencies that have had revenue."""
    return sorted(RevenueChange.objects.values_list("currency", flat=True).distinct())


def movements(currency: str, since: Month, through: Month) -> list[Movement]:
    """Return the movement of each month of the range, in two queries."""
    changed: dict[Month, dict[str, int]] = {}
    rows = (
        changes(currency, since, through)
        .values(month=TruncMonth("at", tzinfo=UTC), named=F("kind"))
        .annotate(sum=Sum(F("after") - F("before")))
    )
    for row in rows:
        changed.setdefault(Month.of(row["month"]), {})[row["named"]] = int(row["sum"])
    result, begin = [], mrr(currency, since.start)
    for month in months(since, through):
        movement = Movement(month, currency, begin, {kind: changed.get(month, {}).get(kind, 0) for kind in Kind})
        result.append(movement)
        begin = movement.end
    return result


def changes(currency: str, since: Month, through: Month) -> QuerySet[RevenueChange]:
    """Return the changes that the movements of a range sum up."""
    return RevenueChange.objects.filter(currency=currency, at__gte=since.start, at__lt=through.next.start)


def months(since: Month, through: Month) -> Iterator[Month]:
    month = since
    while month <= through:
        yield month
        month = month.next


@dataclass(frozen=True)
class Trials:
    """Trials that started in a month: how many converted, and how many are still running."""

    started: int
    converted: int
    running: int

    @property
    def conversion(self) -> float | None:
        """The share of ended trials that converted."""
        decided = self.started - self.running
        return self.converted / decided if decided else None


def trials(since: Month, through: Month) -> dict[Month, Trials]:
    """Return trials by the month they started in, in one query. Erased chains are not counted."""
    rows = (
        Account.objects.filter(created_at__gte=since.start, created_at__lt=through.next.start)
        .values(month=TruncMonth("created_at", tzinfo=UTC))
        .annotate(
            started=Count("pk"),
            converted=Count("pk", filter=converted()),
            running=Count("pk", filter=undecided()),
        )
    )
    by_month = {Month.of(row["month"]): Trials(row["started"], row["converted"], row["running"]) for row in rows}
    return {month: by_month.get(month, Trials(0, 0, 0)) for month in months(since, through)}


def converted() -> Q:
    """Return the condition that an account pays or has paid."""
    return Q(pk__in=RevenueChange.objects.exclude(account=None).values("account"))


def undecided() -> Q:
    """Return the condition that an account's trial runs and it has not converted."""
    return ~converted() & Q(trial_ends_at__gt=timezone.now())


@dataclass(frozen=True)
class Payments:
    """Sums over a month's invoices.

    `failed` is what failed at the first attempt: `recovered` was paid later, `waiting` is still being retried,
    `lost` is uncollectible.
    """

    billed: int
    paid: int
    refunded: int
    disputed: int
    recovered: int
    waiting: int
    lost: int

    @property
    def failed(self) -> int:
        return self.recovered + self.waiting + self.lost


# The invoices that each figure sums up.
INVOICE_FILTERS: Mapping[str, Q] = {
    "billed": Q(),
    "paid": Q(amount_paid__gt=0),
    "refunded": Q(amount_refunded__gt=0),
    "disputed": Q(is_disputed=True),
    "failed": Q(status="paid", attempts__gt=1) | Q(status="open", attempts__gt=0) | Q(status="uncollectible"),
    "recovered": Q(status="paid", attempts__gt=1),
    "waiting": Q(status="open", attempts__gt=0),
    "lost": Q(status="uncollectible"),
}


def payments(currency: str, since: Month, through: Month) -> dict[Month, Payments]:
    """Return payments by the month of the invoice date, in one query."""
    owed = F("total") - F("amount_paid")
    amounts = {"billed": F("total"), "refunded": F("amount_refunded"), "waiting": owed, "lost": owed}
    names = [field.name for field in fields(Payments)]
    sums = {name: Sum(amounts.get(name, F("amount_paid")), filter=INVOICE_FILTERS[name], default=0) for name in names}
    rows: Any = invoices(currency, since, through).values(month=TruncMonth("created_at", tzinfo=UTC)).annotate(**sums)
    by_month = {Month.of(row["month"]): Payments(**{name: int(row[name]) for name in names}) for row in rows}
    return {month: by_month.get(month, Payments(*[0] * len(names))) for month in months(since, through)}


def invoices(currency: str, since: Month, through: Month) -> QuerySet[Invoice]:
    """Return the invoices of a range except void ones; unordered, since an order would split the groups."""
    dated = Invoice.objects.filter(created_at__gte=since.start, created_at__lt=through.next.start)
    return dated.filter(currency=currency).exclude(status="void").order_by()
