"""Each client's last visit and the days of the two years up to it, kept beside the facts by client: who has not come
back to a store is asked often, and of few clients of a chain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.arrays import steps
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import BEFORE, EPOCH, NOTHING, facts_of
from core.reporting.facts.layout import ANSWERING, layouts_with
from core.reporting.facts.lines import lines_of, listed
from core.reporting.facts.reading import binary_rows

# What a layout has to have for `recent_days` to be written beside its facts.
TELLS = "lead_service_id"
WINDOW = 730
# A client's day with a visit, or with returns alone (`is_visit` false); staff, category and service are those of the
# first kept line of the day's first visit, the revenue (in hundredths) is that of the whole day at all stores.
RECENT_DAY = np.dtype(
    [
        ("day", "<i4"),
        ("staff_id", "<i4"),
        ("category_id", "<i4"),
        ("service_id", "<i4"),
        ("net_revenue", "<i8"),
        ("is_visit", "?"),
    ]
)


@dataclass(frozen=True)
class RecentDays:
    """Of clients who have a visit, in the order of their ids."""

    client_ids: NDArray[np.int64]
    store_ids: NDArray[np.int32]
    last_days: NDArray[np.int32]
    # How many days each has in `days`.
    counts: NDArray[np.int64]
    days: NDArray[np.void]

    def by_client(self) -> Iterator[tuple[int, tuple[int, int, bytes]]]:
        """The client with store, last day and days as they are stored."""
        data, size, start = self.days.tobytes(), RECENT_DAY.itemsize, 0
        columns = (self.client_ids, self.store_ids, self.last_days, self.counts)
        for client, store, last, count in zip(*(column.tolist() for column in columns), strict=True):
            end = start + count * size
            yield client, (store, last, data[start:end])
            start = end


def recent_days_of(facts: Columns) -> RecentDays:
    """`facts` are ordered by client, category and day."""
    whole = facts["category_id"] == NOTHING
    facts = {name: column[whole] for name, column in facts.items()}
    if not len(facts["day"]):
        nothing = np.empty(0, np.int64)
        return RecentDays(nothing, nothing.astype("i4"), nothing.astype("i4"), nothing, np.empty(0, RECENT_DAY))
    # The first row of a day leads it where the day has a visit.
    starts = np.flatnonzero(steps(facts["client_id"]) | steps(facts["day"]))
    clients, day, is_visit = (facts[name][starts] for name in ("client_id", "day", "is_visit"))
    new_client = steps(clients)
    last = np.maximum.reduceat(np.where(is_visit, day, BEFORE), np.flatnonzero(new_client))
    last_of_row = np.repeat(last, np.diff(np.flatnonzero(np.append(new_client, np.True_))))
    kept = (last_of_row != BEFORE) & (day > last_of_row - WINDOW)
    days = np.empty(len(starts), RECENT_DAY)
    days["day"], days["is_visit"] = day, is_visit
    days["net_revenue"] = np.add.reduceat(facts["net_revenue"], starts)
    days["staff_id"], days["category_id"], days["service_id"] = (
        facts[name][starts] for name in ("staff_id", "lead_category_id", "lead_service_id")
    )
    of_last = is_visit & (day == last_of_row)
    return RecentDays(
        client_ids=clients[of_last].astype(np.int64),
        store_ids=facts["store_id"][starts][of_last],
        last_days=day[of_last],
        counts=np.unique(clients[kept], return_counts=True)[1],
        days=days[kept],
    )


def recent_days_of_store(cursor: CursorWrapper, store_id: int, *, before: date) -> Columns:
    """The days of clients whose last visit was at that store, before that day: `client_id` and RECENT_DAY's columns,
    ordered by client and day."""
    rows = binary_rows(
        cursor,
        f"SELECT answering.layout, c.client_id, c.recent_days FROM ({ANSWERING}) AS answering "  # noqa: S608
        "LEFT JOIN reporting_clientfacts c ON c.layout = answering.layout AND c.store_id = %s AND c.last_day < %s "
        "ORDER BY c.client_id",
        [layouts_with([TELLS]), store_id, before],
    )
    if rows[0][0] is not None:
        return _columns([row[1:] for row in rows if row[1] is not None])
    there = f"store_id = {store_id:d} AND client_id IS NOT NULL"
    visitors = f"SELECT DISTINCT client_id FROM visits_visit WHERE {there}"  # noqa: S608
    return _from_visits(cursor, visitors, store_id=store_id, before=(before - EPOCH).days)


def recent_days_of_stores(cursor: CursorWrapper, before: Mapping[int, date]) -> Columns | None:
    """The same of several stores, each before its day, with `store_id`. None where no facts tell yet."""
    rows = binary_rows(
        cursor,
        f"SELECT answering.layout, c.client_id, c.recent_days, c.store_id FROM ({ANSWERING}) AS answering "  # noqa: S608
        "LEFT JOIN (reporting_clientfacts c JOIN unnest(%s::int[], %s::date[]) AS asked (store_id, before) "
        "ON c.store_id = asked.store_id AND c.last_day < asked.before) ON c.layout = answering.layout "
        "ORDER BY c.client_id",
        [layouts_with([TELLS]), list(before), list(before.values())],
    )
    if rows[0][0] is None:
        return None
    rows = [row[1:] for row in rows if row[1] is not None]
    days = _columns([(client, stored) for client, stored, _store in rows])
    counts = [len(stored) // RECENT_DAY.itemsize for _client, stored, _store in rows]
    return {**days, "store_id": np.repeat(np.array([store for *_day, store in rows], np.int64), counts)}


def recent_days_of_sample(cursor: CursorWrapper, clients: int) -> Columns:
    """The days of about so many clients, whose ids are spread evenly over all; of all where there are fewer."""
    cursor.execute("SELECT min(id), max(id) FROM clients_client")
    first, last = cursor.fetchone()
    if first is None:
        return _columns([])
    sample = list(range(first, last + 1, max(1, -(-(last - first + 1) // clients))))
    rows = binary_rows(
        cursor,
        f"SELECT answering.layout, c.client_id, c.recent_days FROM ({ANSWERING}) AS answering "  # noqa: S608
        "LEFT JOIN reporting_clientfacts c ON c.layout = answering.layout AND c.client_id = ANY(%s) "
        "AND c.recent_days IS NOT NULL ORDER BY c.client_id",
        [layouts_with([TELLS]), sample],
    )
    if rows[0][0] is not None:
        return _columns([row[1:] for row in rows if row[1] is not None])
    return _from_visits(cursor, f"SELECT client_id FROM {listed(sample)}")  # noqa: S608


def _columns(rows: list[tuple[int, bytes]]) -> Columns:
    days = np.frombuffer(b"".join(stored for _client, stored in rows), RECENT_DAY)
    counts = [len(stored) // RECENT_DAY.itemsize for _client, stored in rows]
    client_ids = np.repeat(np.array([client for client, _stored in rows], np.int64), counts)
    return {"client_id": client_ids, **{name: days[name] for name in RECENT_DAY.names or ()}}


def _from_visits(
    cursor: CursorWrapper, clients: str, store_id: int | None = None, before: int | None = None
) -> Columns:
    """The same for a chain whose facts no such layout holds yet: slower."""
    found = recent_days_of(facts_of(lines_of(cursor, f"({clients}) AS asked")))
    return _columns(
        [
            (client, days)
            for client, (store, last, days) in found.by_client()
            if store_id in {None, store} and (before is None or last < before)
        ]
    )
