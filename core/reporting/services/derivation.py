"""What the facts of clients are, given their kept lines: the metric dictionary's words in array operations.

Arrays, not SQL: a window over millions of rows for each of the streams takes PostgreSQL some ten times as long.
"""

from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.reporting.models import NEVER_AGAIN, NEVER_BEFORE, NOTHING
from core.reporting.services.lines import Lines

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Facts = NDArray[np.void]
Scalar = TypeVar("Scalar", bound=np.generic)

EPOCH = date(2000, 1, 1)
BEFORE = (NEVER_BEFORE - EPOCH).days
AFTER = (NEVER_AGAIN - EPOCH).days

_DAY, _ID, _FLAG = "i4", "i4", "?"
FACT = np.dtype(
    [
        ("client_id", "i8"),
        ("category_id", _ID),
        ("day", _DAY),
        ("store_id", _ID),
        ("location_id", _ID),
        ("lead_category_id", _ID),
        ("staff_id", _ID),
        ("member_tier_id", _ID),
        ("is_lead", _FLAG),
        ("is_first_visit", _FLAG),
        ("is_first_purchase", _FLAG),
        ("is_chain_purchase", _FLAG),
        ("is_store_purchase", _FLAG),
        ("chain_visit_prev", _DAY),
        ("chain_visit_next", _DAY),
        ("chain_visit_next_location_id", _ID),
        ("chain_purchase_prev", _DAY),
        ("chain_purchase_next", _DAY),
        ("chain_purchase_next_location_id", _ID),
        ("store_visit_prev", _DAY),
        ("store_visit_next", _DAY),
        ("store_purchase_prev", _DAY),
        ("store_purchase_next", _DAY),
        ("staff_next", _DAY),
    ]
)
DAYS = frozenset(name for name in FACT.names or () if name == "day" or name.endswith(("_prev", "_next")))


def facts_of(lines: Lines) -> Facts:
    """The facts (see `models.VisitDay`) of all clients of the lines, ordered by client, category and day.

    `lines` are all kept lines of those clients, ordered by client, day, start, store, visit and line.
    """
    if not len(lines):
        return np.zeros(0, FACT)
    facts, first_line, paid = _store_days(lines)
    for name in ("location_id", "member_tier_id", "staff_id"):
        facts[name] = lines[name][first_line]
    facts["lead_category_id"] = lines["category_id"][first_line]
    new_client = _changes(facts, "client_id")
    new_day = _changes(facts, "client_id", "category_id", "day")
    facts["is_lead"] = new_day
    facts["is_store_purchase"] = paid > 0
    facts["is_chain_purchase"] = (
        _spread(np.add.reduceat(paid, np.flatnonzero(new_day)), new_day) > 0 if len(facts) else False
    )
    _first_days(facts, new_client)
    _chain_streams(facts)
    _store_streams(facts)
    _staff_next(facts, lines)
    return facts


def _store_days(lines: Lines) -> tuple[Facts, Ints, Ints]:
    """Rows (client, category, day, store) in the order of client, category, day and first line; with the position of
    each one's first line and what was paid."""
    position = np.arange(len(lines))
    parts = []
    for category in (np.full(len(lines), NOTHING, "i4"), lines["category_id"]):
        order = np.lexsort((position, lines["store_id"], lines["day"], category, lines["client_id"]))
        ordered, of_category = lines[order], category[order]
        new = _changes(ordered, "client_id", "day", "store_id") | _steps(of_category)
        starts = np.flatnonzero(new)
        rows = np.zeros(len(starts), FACT)
        for name in ("client_id", "day", "store_id"):
            rows[name] = ordered[name][starts]
        rows["category_id"] = of_category[starts]
        paid = np.add.reduceat(ordered["paid"], starts)
        parts.append((rows, order[starts], paid))
    rows, first, paid = (np.concatenate(both) for both in zip(*parts, strict=True))
    order = np.lexsort((first, rows["day"], rows["category_id"], rows["client_id"]))
    return rows[order], first[order], paid[order]


def _first_days(facts: Facts, new_client: Flags) -> None:
    """Rows of all categories stand first in a client, so the client's first row is of its first day."""
    starts = np.flatnonzero(new_client)
    facts["is_first_visit"] = facts["day"] == _spread(facts["day"][starts], new_client)
    counts = (facts["category_id"] == NOTHING) & facts["is_chain_purchase"]
    purchases = np.where(counts, facts["day"], AFTER)
    facts["is_first_purchase"] = facts["day"] == _spread(np.minimum.reduceat(purchases, starts), new_client)


def _chain_streams(facts: Facts) -> None:
    lead = np.flatnonzero(facts["is_lead"])
    purchase = np.flatnonzero(facts["is_lead"] & facts["is_chain_purchase"])
    for basis, rows in (("visit", lead), ("purchase", purchase)):
        _link(facts, f"chain_{basis}", rows, "client_id", "category_id")


def _store_streams(facts: Facts) -> None:
    order = np.lexsort((facts["day"], facts["store_id"], facts["category_id"], facts["client_id"]))
    _link(facts, "store_visit", order, "client_id", "category_id", "store_id")
    purchase = order[facts["is_store_purchase"][order]]
    _link(facts, "store_purchase", purchase, "client_id", "category_id", "store_id")


def _link(facts: Facts, stream: str, rows: Ints, *key: str) -> None:
    """Writes the day before and after, within rows of one key; `rows` are ordered by key and day."""
    new = _changes(facts[list(key)][rows], *key)
    day = facts["day"][rows]
    before, after = np.full(len(facts), BEFORE), np.full(len(facts), AFTER)
    follows = np.flatnonzero(~new)
    before[rows[follows]] = day[follows - 1]
    after[rows[follows - 1]] = day[follows]
    facts[f"{stream}_prev"], facts[f"{stream}_next"] = before, after
    if f"{stream}_next_location_id" in (facts.dtype.names or ()):
        location = np.full(len(facts), NOTHING)
        location[rows[follows - 1]] = facts["location_id"][rows[follows]]
        facts[f"{stream}_next_location_id"] = location


def _staff_next(facts: Facts, lines: Lines) -> None:
    """One number for client, staff and day, in that order, makes the next day served a look-up."""
    facts["staff_next"] = AFTER
    served = lines[lines["staff_id"] != NOTHING]
    if not len(served):
        return
    clients, staff = np.unique(served["client_id"]), np.unique(served["staff_id"])
    first_day = int(served["day"].min())
    span = int(served["day"].max()) - first_day + 1

    def number(rows: NDArray[np.void]) -> Ints:
        pair = np.searchsorted(clients, rows["client_id"]) * len(staff) + np.searchsorted(staff, rows["staff_id"])
        return np.asarray(pair * span + (rows["day"] - first_day), dtype=np.int64)

    known = np.unique(number(served))
    following = np.append(known[1:], -1)
    next_day = np.where(following // span == known // span, following % span + first_day, AFTER)
    with_staff = np.flatnonzero(facts["staff_id"] != NOTHING)
    facts["staff_next"][with_staff] = next_day[np.searchsorted(known, number(facts[with_staff]))]


def _steps(values: NDArray[np.generic]) -> Flags:
    """Where a value differs from the one before it; the first does."""
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new


def _changes(rows: NDArray[np.void], *names: str) -> Flags:
    new: Flags = np.logical_or.reduce([_steps(rows[name]) for name in names])
    return new


def _spread(of_groups: NDArray[Scalar], new: Flags) -> NDArray[Scalar]:
    """One value a group to one a row."""
    return np.repeat(of_groups, np.diff(np.flatnonzero(np.append(new, np.True_))))
