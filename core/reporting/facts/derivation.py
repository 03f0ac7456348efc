"""What the facts of clients are, given their lines: the metric dictionary's words in array operations.

Arrays, not SQL: a window over millions of rows for each of the streams takes PostgreSQL some ten times as long.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import Flags, Ints, distinct, number, spread, stable_order, steps
from core.reporting.facts.binary_copy import Columns
from core.reporting.question import Basis, Scope

EPOCH = date(2000, 1, 1)
# Where a fact has no category, staff or tier to name; a day before and one after all others.
NOTHING = 0
BEFORE = (date.min - EPOCH).days
AFTER = (date.max - EPOCH).days

# Ratings have tenths, and a visit's is the mean of its lines': exact for up to ten lines, as 1 to 10 divide 2,520.
MEANS = 2520
RATING_UNIT = 10 * MEANS

_DAY, _ID, _FLAG, _AMOUNT = "i4", "i4", "?", "i8"
# A fact: a client's day at a store, for all categories together (`category_id` 0) and once for each category of a line
# that day. It is a visit (`is_visit`) where one of the lines is kept; a day with returns alone has amounts and nothing
# else: it is in no stream.
#
# Amounts are those of all the fact's lines, returns included, in hundredths: `net_revenue` of what was not paid from a
# card, `consumed_value` of what was. A visit's rating is the mean of its kept lines' (of the fact's category, where it
# has one), in hundredths: `rating_sum` adds up those of the day's visits at the store, `rating_count` says how many.
# `ratings` is the same sum, exact, in `RATING_UNIT` parts of a point; `first_rating` is that of the first of them, and
# `is_first_rated` tells the fact that has the first one of the client's day. `visits` counts visits with a kept line.
#
# The fact of the day's first visit leads (`is_lead`): it stands for the day in the chain's streams (client, or client
# and category); every fact stands for its day in the store's streams (… and store). For each stream and basis it knows
# the day before and the day after, so that for any period [a, b) the clients are the facts with a day in it and the
# previous day before a, and the repeat clients those of them whose next day is before b: plain sums, no distinct.
#
# `location_id` is the store's place in force that day; `lead_category_id`, `lead_service_id` and `staff_id` are of the
# first kept line of the first visit (of the fact's category, where it has one); `member_tier_id` is the tier held that
# day. First visit and first purchase are the client's first ever, at whatever store and in whatever category; on them
# the client is new (`is_new_visit`, `is_new_purchase`) unless the record was opened on a day before. `staff_next` is
# the next day on which the same person served the client, at whatever store. Days are counted from 2000-01-01.
FACT = np.dtype(
    [
        ("client_id", "i8"),
        ("category_id", _ID),
        ("day", _DAY),
        ("store_id", _ID),
        ("location_id", _ID),
        ("lead_category_id", _ID),
        ("lead_service_id", _ID),
        ("staff_id", _ID),
        ("member_tier_id", _ID),
        ("net_revenue", _AMOUNT),
        ("consumed_value", _AMOUNT),
        ("rating_sum", "i4"),
        ("rating_count", "i4"),
        ("ratings", "i8"),
        ("first_rating", "i4"),
        ("is_first_rated", _FLAG),
        ("visits", "i4"),
        ("is_visit", _FLAG),
        ("is_lead", _FLAG),
        ("is_first_visit", _FLAG),
        ("is_first_purchase", _FLAG),
        ("is_new_visit", _FLAG),
        ("is_new_purchase", _FLAG),
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
# What a visit has from its first line, and what the line calls it.
OF_FIRST_LINE = {"staff_id": "staff_id", "lead_category_id": "category_id", "lead_service_id": "service_id"}


@dataclass(frozen=True)
class Stream:
    """Which columns of a fact make up a stream: days in the chain or in a store, by visit or by purchase."""

    # Flags that a row of the stream has.
    belongs: tuple[str, ...]
    # Whether the client is new on the day.
    is_new: str
    prev: str
    next: str
    next_location: str


STREAMS: dict[tuple[Scope, Basis], Stream] = {
    ("chain", "visit"): Stream(
        ("is_lead",), "is_new_visit", "chain_visit_prev", "chain_visit_next", "chain_visit_next_location_id"
    ),
    ("chain", "purchase"): Stream(
        ("is_lead", "is_chain_purchase"),
        "is_new_purchase",
        "chain_purchase_prev",
        "chain_purchase_next",
        "chain_purchase_next_location_id",
    ),
    ("store", "visit"): Stream(("is_visit",), "is_new_visit", "store_visit_prev", "store_visit_next", "location_id"),
    ("store", "purchase"): Stream(
        ("is_store_purchase",), "is_new_purchase", "store_purchase_prev", "store_purchase_next", "location_id"
    ),
}


def facts_of(lines: Columns) -> Columns:
    """The facts of all clients of the lines, ordered by client, category and day.

    `lines` are all lines of those clients: first the kept ones, ordered by client, day, start, store, visit and line.
    """
    if not len(lines["day"]):
        return {name: np.empty(0, FACT[name]) for name in FACT.names or ()}
    facts, first_line, paid = _store_days(lines)
    visits = facts["is_visit"]
    facts |= {name: lines[name][first_line] for name in ("location_id", "member_tier_id")}
    for name, of_line in (
        ("staff_id", "staff_id"),
        ("lead_category_id", "category_id"),
        ("lead_service_id", "service_id"),
    ):
        facts[name] = np.where(visits, lines[of_line][first_line], NOTHING)
    joined_on = lines["joined_on"][first_line]
    if visits.all():
        return facts | _streams(facts, paid, joined_on, lines)
    empty = {name: np.full(len(visits), _of_no_visit(name), FACT[name]) for name in FACT.names or ()}
    if visits.any():
        of_visits = _streams(
            {name: column[visits] for name, column in facts.items()}, paid[visits], joined_on[visits], lines
        )
        for name, column in of_visits.items():
            empty[name][visits] = column
    return empty | facts


def _of_no_visit(name: str) -> int:
    return BEFORE if name.endswith("_prev") else AFTER if name.endswith("_next") else NOTHING


def _streams(visits: Columns, paid: Ints, joined_on: Ints, lines: Columns) -> Columns:
    """What visits know of each other; `paid` is what was paid in each for its kept lines, not from a card, `joined_on`
    the day on which the client's record was opened."""
    facts = dict(visits)
    new_client = steps(facts["client_id"])
    new_day = new_client | steps(facts["category_id"]) | steps(facts["day"])
    facts["is_lead"] = new_day
    facts["is_store_purchase"] = paid > 0
    facts["is_chain_purchase"] = spread(np.add.reduceat(paid, np.flatnonzero(new_day)) > 0, new_day)
    _first_days(facts, new_client, joined_on)
    _chain_streams(facts)
    _store_streams(facts)
    _staff_next(facts, lines)
    return {name: facts[name] for name in facts.keys() - visits.keys()}


def _store_days(lines: Columns) -> tuple[Columns, Ints, Ints]:
    """Facts in the order of client, category, day and first line, with what their lines come to; with the position of
    each one's first line and what was paid for its kept lines."""
    own = lines["amount"]
    amounts = {
        "net_revenue": np.where(lines["paid_by_card"], 0, own),
        "consumed_value": np.where(lines["paid_by_card"], own, 0),
        "paid": np.where(lines["is_kept"] & ~lines["paid_by_card"], own, 0),
    }
    whole = np.full(len(own), NOTHING, "i4")
    parts = [_added_up(lines, category, amounts) for category in (whole, lines["category_id"])]
    facts = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    first = facts["first_line"]
    order = stable_order(number(lines["client_id"][first], facts["category_id"], lines["day"][first], first))
    facts = {name: column[order] for name, column in facts.items()}
    first, paid = facts.pop("first_line"), facts.pop("paid")
    facts |= {name: lines[name][first] for name in ("client_id", "day", "store_id")}
    facts["is_first_rated"] = _first_rated(facts)
    return facts | {"is_visit": lines["is_kept"][first]}, first, paid


def _added_up(lines: Columns, category: NDArray[np.int32], amounts: Columns) -> Columns:
    """A row for each client, category, day and store."""
    key = number(lines["client_id"], category, lines["day"], lines["store_id"])
    # Stable: within a key the lines keep their order.
    order = stable_order(key)
    new = steps(key[order])
    starts = np.flatnonzero(new)
    sums = {name: np.add.reduceat(amount[order], starts) for name, amount in amounts.items()}
    own: Columns = {"first_line": order[starts], "category_id": category[order[starts]]}
    return {**own, **sums, **_of_visits(lines, order, new)}


def _of_visits(lines: Columns, order: Ints, new: Flags) -> Columns:
    """Number and ratings of visits, for lines in this order of which the `new` ones begin a fact; `first_rated_line` is
    the place of the first rated visit's first line, behind all lines where no visit is rated."""
    rated = (lines["is_kept"] & (lines["rating"] >= 0))[order]
    rating = np.where(rated, lines["rating"][order], 0).astype(np.int64)
    new_visit = new | steps(lines["visit_id"][order])
    starts = np.flatnonzero(new_visit)
    lines_rated = np.add.reduceat(rated.astype(np.int64), starts)
    tenths = np.add.reduceat(rating, starts)
    # Tenths to hundredths, a half upwards; and to parts that most means are whole numbers of.
    mean = (20 * tenths + lines_rated) // np.maximum(2 * lines_rated, 1)
    exact = (2 * MEANS * tenths + lines_rated) // np.maximum(2 * lines_rated, 1)
    facts = np.flatnonzero(new[starts])
    rated_visits = np.where(lines_rated > 0, np.arange(len(starts)), len(starts))
    first = np.minimum.reduceat(rated_visits, facts)
    return {
        "visits": np.add.reduceat(lines["is_kept"][order[starts]].astype("i4"), facts),
        "rating_sum": np.add.reduceat(mean, facts).astype("i4"),
        "rating_count": np.add.reduceat((lines_rated > 0).astype("i4"), facts),
        "ratings": np.add.reduceat(exact, facts),
        "first_rating": np.append(exact, 0)[first].astype("i4"),
        "first_rated_line": np.append(order[starts], len(order))[first],
    }


def _first_rated(facts: Columns) -> Flags:
    """Of the facts of a client's day (of a category), the one with the first rated visit."""
    line = facts.pop("first_rated_line")
    new_day = steps(facts["client_id"]) | steps(facts["category_id"]) | steps(facts["day"])
    first = spread(np.minimum.reduceat(line, np.flatnonzero(new_day)), new_day)
    return np.asarray((facts["rating_count"] > 0) & (line == first))


def _first_days(facts: Columns, new_client: Flags, joined_on: Ints) -> None:
    """Rows of all categories stand first in a client, so the client's first row is of its first day."""
    starts = np.flatnonzero(new_client)
    facts["is_first_visit"] = facts["day"] == spread(facts["day"][starts], new_client)
    counts = (facts["category_id"] == NOTHING) & facts["is_chain_purchase"]
    purchases = np.where(counts, facts["day"], AFTER)
    facts["is_first_purchase"] = facts["day"] == spread(np.minimum.reduceat(purchases, starts), new_client)
    unknown_before = joined_on >= facts["day"]
    for basis in ("visit", "purchase"):
        facts[f"is_new_{basis}"] = facts[f"is_first_{basis}"] & unknown_before


def _chain_streams(facts: Columns) -> None:
    stream = number(facts["client_id"], facts["category_id"])
    lead = np.flatnonzero(facts["is_lead"])
    purchase = lead[facts["is_chain_purchase"][lead]]
    for basis, rows in (("visit", lead), ("purchase", purchase)):
        follows = _link(facts, f"chain_{basis}", rows, stream)
        location = np.full(len(stream), NOTHING, "i4")
        location[rows[follows - 1]] = facts["location_id"][rows[follows]]
        facts[f"chain_{basis}_next_location_id"] = location


def _store_streams(facts: Columns) -> None:
    """Rows are in the order of their days already, so that a stable sort by stream keeps it."""
    stream = number(facts["client_id"], facts["category_id"], facts["store_id"])
    order = stable_order(stream)
    _link(facts, "store_visit", order, stream)
    _link(facts, "store_purchase", order[facts["is_store_purchase"][order]], stream)


def _link(facts: Columns, name: str, rows: Ints, stream: Ints) -> Ints:
    """Writes the day before and the day after within each stream, for `rows`, which are ordered by stream and day.
    Gives the positions in `rows` of those that follow another."""
    day = facts["day"][rows]
    before = np.full(len(stream), BEFORE, "i4")
    after = np.full(len(stream), AFTER, "i4")
    follows = np.flatnonzero(~steps(stream[rows]))
    before[rows[follows]] = day[follows - 1]
    after[rows[follows - 1]] = day[follows]
    facts[f"{name}_prev"], facts[f"{name}_next"] = before, after
    return follows


def _staff_next(facts: Columns, lines: Columns) -> None:
    """Client, staff and day as one number, in that order, make the next day served a look-up."""
    facts["staff_next"] = np.full(len(facts["day"]), AFTER, "i4")
    served, led = lines["is_kept"] & (lines["staff_id"] != NOTHING), facts["staff_id"] != NOTHING
    if not served.any():
        return
    both = [np.concatenate((lines[n][served], facts[n][led])) for n in ("client_id", "staff_id", "day")]
    first_day = int(both[2].min())
    days = int(both[2].max()) - first_day + 1
    pairs = number(both[0], both[1])
    if int(pairs.max()) >= np.iinfo(np.int64).max // days:
        pairs = distinct(pairs).which
    numbers = pairs * days + (both[2] - first_day)
    known = np.unique(numbers[: np.count_nonzero(served)])
    following = np.append(known[1:], -1)
    next_day = np.where(following // days == known // days, following % days + first_day, AFTER)
    facts["staff_next"][led] = next_day[np.searchsorted(known, numbers[np.count_nonzero(served) :])]
