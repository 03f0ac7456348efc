"""Clients of two periods, and those counted in both: what the interval of a change in scope chain is made of.

A client counts once a period, so that the squares of what clients add to a change (the dictionary's formula) need no
row a client: counts of each period, and of those in both, say as much. One reading serves every breakdown by place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.reporting.compare.periods import ComparedPeriods
from core.reporting.counting import first_days
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.facts.arrays import compact, distinct, number
from core.reporting.facts.binary_copy import Columns
from core.reporting.grouped_counts import cached, selection_of
from core.reporting.metrics import METRICS
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.statistics.change import of_stores

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Overlap:
    """`after` and `before` have `location_id`, `dimension`, `clients` and `repeats`, a row for clients alike in the
    first two; `both` has these of each period, as `after_location_id` and so on, a row for clients alike in all."""

    after: Columns
    before: Columns
    both: Columns


def overlap_of(question: Question, periods: ComparedPeriods, data: Data) -> Overlap:
    """Of all places, whichever are asked for."""
    by = question.by if DIMENSIONS[question.by].place is None else "none"
    everywhere = replace(question, by=by, region=None, city_tier=None, city=None, store=None, visible=None)
    return cached("overlap", everywhere, data, lambda: _counted(everywhere, periods, data), of=periods)


def _counted(question: Question, periods: ComparedPeriods, data: Data) -> Overlap:
    after, before = (_clients(question, period, data) for period in (periods.current, periods.before))
    numbers, size = compact(np.concatenate((after["unit"], before["unit"])))
    of_after, of_before = numbers[: len(after["unit"])], numbers[len(after["unit"]) :]
    place = np.full(size, -1)
    place[of_before] = np.arange(len(of_before))
    also = place[of_after]
    rows = np.flatnonzero(also >= 0)
    names = ("location_id", "dimension", "repeats")
    both = {
        **{f"after_{name}": after[name][rows] for name in names},
        **{f"before_{name}": before[name][also[rows]] for name in names},
    }
    keys = ("location_id", "dimension")
    return Overlap(_alike(after, keys), _alike(before, keys), _alike(both, tuple(both)))


def _clients(question: Question, period: Period, data: Data) -> Columns:
    """A row for each; of categories, a row for each client and category."""
    metric, dimension = METRICS[question.metric], DIMENSIONS[question.by]
    selection = selection_of(replace(question, start=period.start, end=period.end), data)
    with data.reader() as reader:
        rows = first_days(reader, metric, selection, data.places, ("client_id", *selection.dimension_columns))
    of_fact = next((rows[name] for name in selection.dimension_columns), None)
    nothing = np.zeros(len(rows["day"]), np.int64)
    told_apart = rows["is_new"] if question.by == "acquisition" else nothing if of_fact is None else of_fact
    unit = number(rows["client_id"], told_apart) if dimension.overlaps else rows["client_id"].astype(np.int64)
    return {
        "unit": unit,
        "location_id": rows["location_id"].astype(np.int64),
        "dimension": told_apart.astype(np.int64),
        "repeats": (rows["back"] >= 0).astype(np.int64),
    }


def _alike(rows: Columns, keys: Sequence[str]) -> Columns:
    """Rows alike in the keys as one, with their numbers of clients and, where it is no key, of repeats."""
    found = distinct(number(*(rows[name] for name in keys)))
    size = len(found.values)
    counts = {"clients": np.bincount(found.which, minlength=size)}
    if "repeats" in rows:
        counts["repeats"] = np.bincount(found.which, rows["repeats"], size).astype(np.int64)
    return {**{name: rows[name][found.first] for name in keys}, **counts}


def variances(
    overlap: Overlap, question: Question, data: Data, *, made_of_stores: bool, as_one_group: bool = False
) -> tuple[Sequence[str], Floats]:
    """The groups' raw keys, and by group the variance of the change over clients, Σ_i ((r_i1 - p_1 a_i1)/n_1 -
    (r_i0 - p_0 a_i0)/n_0)²; in groups made of stores over these, their clients' summed first."""
    keys, (after, before, *both) = _groups(overlap, question, data)
    if as_one_group:
        keys = ["all"]
        after, before, *both = (np.where(one >= 0, 0, -1) for one in (after, before, *both))
    count = len(keys)
    rates = [_Rate(after, overlap.after, count), _Rate(before, overlap.before, count)]
    by_client = sum(rate.variance for rate in rates) - 2 * _common(overlap.both, both[0], both[1], rates)
    if not made_of_stores:
        return keys, np.maximum(by_client, 0.0)
    stores = [data.places.store[part["location_id"]] for part in (overlap.after, overlap.before)]
    by_store, number_of_stores = _by_store(stores, rates, count)
    return keys, of_stores(np.maximum(by_client, 0.0), by_store, number_of_stores)


class _Rate:
    """Of each group in a period. Rows of group -1 are left out."""

    def __init__(self, groups: NDArray[np.integer], rows: Columns, count: int) -> None:
        inside = groups >= 0
        self.groups = groups[inside]
        self.rows = {name: column[inside] for name, column in rows.items()}
        self.inside = inside
        self.n = np.bincount(self.groups, self.rows["clients"], count)
        self.p = _quotient(np.bincount(self.groups, self.rows["repeats"], count), self.n)

    @property
    def variance(self) -> Floats:
        return _quotient(self.p * (1 - self.p), self.n)

    def contributions(self) -> Floats:
        """What the clients of each row add together."""
        return _quotient(self.rows["repeats"] - self.p[self.groups] * self.rows["clients"], self.n[self.groups])


def _quotient(number: NDArray[np.number], of: NDArray[np.number]) -> Floats:
    return np.asarray(np.divide(number, of, out=np.zeros(len(of)), where=of > 0), np.float64)


def _common(both: Columns, after: NDArray[np.integer], before: NDArray[np.integer], rates: Sequence[_Rate]) -> Floats:
    """What clients add in one period times what they add in the other."""
    rows = np.flatnonzero((after == before) & (after >= 0))
    group = after[rows]
    product = both["clients"][rows].astype(np.float64)
    for rate, name in zip(rates, ("after_repeats", "before_repeats"), strict=True):
        product *= _quotient(both[name][rows] - rate.p[group], rate.n[group])
    return np.asarray(np.bincount(group, product, len(rates[0].n)), np.float64)


def _by_store(
    stores: Sequence[NDArray[np.integer]], rates: Sequence[_Rate], count: int
) -> tuple[Floats, NDArray[np.integer]]:
    """By group the squares of what its stores add, and how many these are."""
    own = [store[rate.inside] for store, rate in zip(stores, rates, strict=True)]
    size = max((int(one.max(initial=0)) for one in own), default=0) + 1
    key = np.concatenate([rate.groups * size + one for rate, one in zip(rates, own, strict=True)])
    parts = np.concatenate([rates[0].contributions(), -rates[1].contributions()])
    found = distinct(key)
    sums = np.bincount(found.which, parts, len(found.values))
    of_group = found.values // size
    squares = np.asarray(np.bincount(of_group, sums**2, count), np.float64)
    return squares, np.bincount(of_group, minlength=count)


def _groups(overlap: Overlap, question: Question, data: Data) -> tuple[Sequence[str], list[NDArray[np.integer]]]:
    """Keys, and for each row of `after`, `before` and of both periods in `both` which group it is in; -1 outside the
    places asked for."""
    parts = [
        (overlap.after["location_id"], overlap.after["dimension"]),
        (overlap.before["location_id"], overlap.before["dimension"]),
        *((overlap.both[f"{when}_location_id"], overlap.both[f"{when}_dimension"]) for when in ("after", "before")),
    ]
    cells = {
        "location_id": np.concatenate([location for location, _dimension in parts]),
        "dimension": np.concatenate([dimension for _location, dimension in parts]),
    }
    keys, groups = DIMENSIONS[question.by].groups({**cells, "is_new": cells["dimension"]}, data.places)
    inside = data.places.inside(question)[cells["location_id"]]
    ends = np.cumsum([len(location) for location, _dimension in parts])
    return keys, np.split(np.where(inside, groups, -1), ends[:-1])
