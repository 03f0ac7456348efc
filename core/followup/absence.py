"""Whom a store has not seen again: the clients whose last visit was there and who are past their usual interval."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, get_args

import numpy as np
from django.core.cache import cache
from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service
from core.followup.intervals import OWN_DAYS, Ints, Pace, estimate_pace, gaps_of, own_intervals, whole_days
from core.reporting.completeness import complete_through
from core.reporting.facts.arrays import number, steps
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH, NOTHING
from core.reporting.facts.recent_days import recent_days_of_sample, recent_days_of_store
from core.reporting.spend_thresholds import SpendThresholds, spend_thresholds
from core.shared.replica import report_cursor
from core.stores.models import Store

# By net spend in the last 365 days (metric dictionary, M5).
Segment = Literal["high", "mid", "potential"]
SEGMENTS: tuple[Segment, ...] = get_args(Segment)
YEAR = 365
# Where an interval comes from: the client's own gaps, the last service, its category, or the chain.
Basis = Literal["own", "service", "category", "chain"]
# Clients whose gaps the chain's pace is estimated from: their number, not the chain's, is what it takes.
SAMPLE = 10_000
PACE_KEY, PACE_SECONDS = "followup-pace", 3600


@dataclass(frozen=True, slots=True)
class AbsentClient:
    client_id: int
    last_day: date
    # The usual interval; `overdue` days have gone by since it ended.
    usual_days: int
    basis: Basis
    overdue: int
    spent: Decimal
    segment: Segment
    # Who served the client on most of the recent days; the latest of several, 0 for nobody.
    staff_id: int
    category_id: int
    # Of the last visit; 0 where it named none.
    service_id: int


@dataclass(frozen=True)
class Absence:
    # The day through which days are counted; None where the store has no data.
    through: date | None
    clients: list[AbsentClient]


def absence_of(store: Store, *, today: date) -> Absence:
    """In the order of the clients' ids. Days count through today, or through the last day that the store's data is
    complete for."""
    known = complete_through(store.pk)
    if known is None:
        return Absence(None, [])
    through = min(known, today)
    with report_cursor() as cursor:
        days = recent_days_of_store(cursor, store.pk, before=through)
        pace = pace_of_chain(cursor)
    return Absence(through, _absent(days, pace, (through - EPOCH).days, spend_thresholds()))


def pace_of_chain(cursor: CursorWrapper) -> Pace | None:
    pace: Pace | None = cache.get(PACE_KEY)
    if pace is None:
        days = recent_days_of_sample(cursor, SAMPLE)
        visits = _only(days, days["is_visit"])
        pace = estimate_pace(gaps_of(visits, visits["client_id"]))
        # Early estimates change with each file that is brought in.
        if pace is not None and pace.is_estimated:
            cache.set(PACE_KEY, pace, PACE_SECONDS)
    return pace


def _only(days: Columns, which: np.ndarray) -> Columns:
    return {name: column[which] for name, column in days.items()}


@dataclass(frozen=True)
class Lateness:
    """Of clients in the order of their ids: when they are expected again. `which` is the client of each of the days,
    `of_client` that of each of the `visits`; `first` and `last` are each one's first day and last visit."""

    which: Ints
    first: Ints
    visits: Columns
    of_client: Ints
    last: Ints
    interval: Ints
    basis: np.ndarray

    @property
    def last_day(self) -> Ints:
        return self.visits["day"][self.last].astype(np.int64)


def lateness(days: Columns, pace: Pace | None) -> Lateness:
    """`days` are ordered by client and day."""
    new = steps(days["client_id"]) if len(days["day"]) else np.empty(0, np.bool_)
    which, is_visit = np.cumsum(new) - 1, days["is_visit"]
    visits, of_client = _only(days, is_visit), which[is_visit]
    last = np.flatnonzero(np.diff(of_client, append=-1))
    interval, basis = _intervals(visits, of_client, last, pace)
    return Lateness(which, np.flatnonzero(new), visits, of_client, last, interval, basis)


def _absent(days: Columns, pace: Pace | None, through: int, thresholds: SpendThresholds) -> list[AbsentClient]:
    late = lateness(days, pace)
    overdue = through - late.last_day - late.interval
    recent, clients = days["day"] > through - YEAR, len(late.first)
    spent = np.bincount(late.which[recent], days["net_revenue"][recent], minlength=clients)
    columns = {
        "client": days["client_id"][late.first],
        "last": late.last_day,
        "interval": late.interval,
        "basis": late.basis,
        "overdue": overdue,
        "spent": spent.astype(np.int64),
        "staff": _usual_staff(late.visits, late.of_client, clients),
        "category": late.visits["category_id"][late.last],
        "service": late.visits["service_id"][late.last],
    }
    listed = (late.interval > 0) & (overdue > 0)
    rows = zip(*(column[listed].tolist() for column in columns.values()), strict=True)
    return [_client(thresholds, *row) for row in rows]


def _client(
    thresholds: SpendThresholds,
    client: int,
    last: int,
    interval: int,
    basis: Basis,
    overdue: int,
    spent: int,
    *of_visits: int,
) -> AbsentClient:
    """`of_visits` are staff, category and service."""
    last_day, segment = EPOCH + timedelta(days=last), segment_of(spent, thresholds)
    return AbsentClient(client, last_day, interval, basis, overdue, Decimal(spent) / 100, segment, *of_visits)


def segment_of(spent: int, thresholds: SpendThresholds) -> Segment:
    """Of an amount in hundredths."""
    high_above, mid_from = thresholds.in_hundredths
    return "high" if spent > high_above else "mid" if spent >= mid_from else "potential"


def _intervals(visits: Columns, of_client: Ints, last: Ints, pace: Pace | None) -> tuple[Ints, np.ndarray]:
    """In days, 0 where nothing is known to go by; and where each comes from."""
    clients = len(last)
    interval, basis = np.zeros(clients, np.int64), np.full(clients, "chain", dtype="<U8")
    if pace is not None:
        interval[:] = whole_days(np.full(clients, pace.usual_days))
        for category, usual in pace.by_category.items():
            there = visits["category_id"][last] == category
            interval[there], basis[there] = whole_days(np.array([usual]))[0], "category"
    for service, usual_days in _service_intervals().items():
        there = visits["service_id"][last] == service
        interval[there], basis[there] = usual_days, "service"
    if pace is not None:
        has_own = np.bincount(of_client, minlength=clients) >= OWN_DAYS
        own = whole_days(own_intervals(gaps_of(visits, of_client), clients, pace))
        interval[has_own], basis[has_own] = own[has_own], "own"
    return interval, basis


def _service_intervals() -> dict[int, int]:
    stated = Service.objects.filter(interval_days__gt=0).values_list("pk", "interval_days")
    return {service: days for service, days in stated if days}


def _usual_staff(visits: Columns, of_client: Ints, clients: int) -> Ints:
    """By number of days, then by the latest of them."""
    usual = np.full(clients, NOTHING, np.int64)
    served = visits["staff_id"] != NOTHING
    if not served.any():
        return usual
    client, staff, day = of_client[served], visits["staff_id"][served].astype(np.int64), visits["day"][served]
    _pairs, first, pair, counts = np.unique(
        number(client, staff), return_index=True, return_inverse=True, return_counts=True
    )
    latest = np.zeros(len(first), np.int64)
    np.maximum.at(latest, pair, day)
    # The last one of each client has most days, and stays.
    for one in first[np.lexsort((latest, counts, client[first]))].tolist():
        usual[client[one]] = staff[one]
    return usual
