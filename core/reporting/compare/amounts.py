"""How far chance reaches in the change of revenue, averages and ratings: a bootstrap over clients, in closed form.

Drawing the clients of both periods again with replacement gives a total's change the variance n · Var(d) of what each
client adds to it, and a quotient's change that of its linearisation (Efron, B., Tibshirani, R. J. (1993), An
Introduction to the Bootstrap, 5.2 and 21): no draws are needed, and the answer is the same each time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.reporting.cells import Cells
from core.reporting.client_sums import ClientPlaces, added_up, client_units
from core.reporting.compare.periods import ComparedPeriods
from core.reporting.counting import DaysOfPeriod, Selection, dated
from core.reporting.data import Data
from core.reporting.facts.arrays import compact, number
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block
from core.reporting.facts.derivation import EPOCH, RATING_UNIT
from core.reporting.facts.reading import joined
from core.reporting.grouped_counts import cached, selection_of
from core.reporting.grouping import parted, with_groups
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.volumes import happened
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.statistics.proportions import Z

COUNTS = ("clients", "new_clients", "visits", "visit_days")
SUMS = ("net_revenue", "consumed_value")
# Of what by what, as `metrics.volumes` has them: revenue is of clients here.
QUOTIENTS: Mapping[str, tuple[str, str]] = {
    "average_visit": ("net_revenue", "visits"),
    "average_client": ("net_revenue", "clients"),
    "mean_rating": ("ratings", "rating_count"),
}
FIGURES = (*SUMS, *QUOTIENTS)
_SCALE = {"mean_rating": 1 / RATING_UNIT}
_READ = ("visits", "net_revenue", "consumed_value", "ratings", "rating_count", "flags")
_Floats = NDArray[np.float64]
_Ints = NDArray[np.integer]


def half_intervals(
    question: Question, periods: ComparedPeriods, data: Data, after: Estimate, before: Estimate
) -> dict[str, float]:
    """By figure of `volumes`, half of the 95 % interval of the total's change: of counts as of Poisson counts, of
    others over clients; lines without a client are taken as certain, and clients of one member tier have none."""
    counts = {name: Z * math.sqrt(after.counts[name] + before.counts[name]) for name in COUNTS}
    if question.member_tier is not None:
        return counts
    asked = replace(question, by="none")
    return {**counts, **cached("amounts", asked, data, lambda: _of_total(asked, periods, data), of=periods)}


def half_intervals_of_places(
    question: Question, periods: ComparedPeriods, data: Data, figures: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By raw key of a group of places and figure (of `FIGURES`) the same, over the clients of whom anything counts
    there."""
    if question.member_tier is not None or not figures:
        return {}
    return cached(
        "amounts_of_places", question, data, lambda: _of_groups(question, periods, data, figures), of=(periods, figures)
    )


def _of_total(question: Question, periods: ComparedPeriods, data: Data) -> dict[str, float]:
    if question.asks_for_groups:
        # Stores join and leave.
        return next(iter(_of_groups(question, periods, data, FIGURES).values()), dict.fromkeys(FIGURES, 0.0))
    both = [_happened(question, period, data) for period in (periods.current, periods.before)]
    places = ClientPlaces([block for blocks, _parts in both for block in blocks])
    names = [*_needed(FIGURES), "facts"]
    after, before = (
        added_up([(sign, *_inside(question, facts, data)) for sign, facts in parts], places, names)
        for _blocks, parts in both
    )
    changes = _Changes(after, before, np.zeros(places.size, np.int64), 1)
    return {figure: float(changes.half_interval(figure)[0]) for figure in FIGURES}


def _of_groups(
    question: Question, periods: ComparedPeriods, data: Data, figures: Sequence[str]
) -> dict[str, dict[str, float]]:
    names = [*_needed(figures), "facts"]
    parts = [_by_client_and_place(question, period, data, names) for period in (periods.current, periods.before)]
    places = {name: np.concatenate([part[name] for part in parts]) for name in ("location_id", "store", "part")}
    keys, rows, groups = _rows_of_groups(question, places, data)
    client_ids = np.concatenate([part["client_id"] for part in parts])[rows]
    units, _clients, groups = client_units(client_ids, groups)
    length = len(parts[0]["client_id"])
    after, before = (
        _sums(units[own], {name: part[name][rows[own] - start] for name in names}, len(groups))
        for part, own, start in zip(parts, (rows < length, rows >= length), (0, length), strict=True)
    )
    changes = _Changes(after, before, groups, len(keys))
    halves = {figure: changes.half_interval(figure).tolist() for figure in figures}
    return {raw: {figure: halves[figure][place] for figure in figures} for place, raw in enumerate(keys)}


def _rows_of_groups(question: Question, places: Cells, data: Data) -> tuple[Sequence[str], _Ints, _Ints]:
    """The groups' raw keys; which rows are of a group in the places asked for, one of several groups once for each, and
    which group that is."""
    place, size = compact(number(places["location_id"], places["part"]))
    some = np.full(size, -1)
    some[place] = np.arange(len(place))
    known = np.flatnonzero(some >= 0)
    cells = {name: column[some[known]] for name, column in places.items()}
    keys, cells = with_groups(question, {**cells, "place": known}, data)
    inside = cells["inside"] == 1
    place_of_group, group = cells["place"][inside], cells["group"][inside]
    counts = np.bincount(place_of_group, minlength=size)
    group = group[np.argsort(place_of_group, kind="stable")]
    groups_of_row, first = counts[place], (np.cumsum(counts) - counts)[place]
    if counts.max(initial=0) <= 1:
        rows = np.flatnonzero(groups_of_row)
        return keys, rows, group[first[rows]]
    rows = np.repeat(np.arange(len(place)), groups_of_row)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(groups_of_row) - groups_of_row, groups_of_row)
    return keys, rows, group[first[rows] + nth]


def _sums(units: _Ints, amounts: Mapping[str, NDArray[np.number]], count: int) -> dict[str, _Floats]:
    return {name: np.bincount(units, column, count).astype(np.float64, copy=False) for name, column in amounts.items()}


def _needed(figures: Sequence[str]) -> list[str]:
    return sorted({name for figure in figures for name in QUOTIENTS.get(figure, (figure,))})


@dataclass(frozen=True)
class _Changes:
    """What clients add after and before; `groups` are the clients' groups, of which there are so many."""

    after: Mapping[str, _Floats]
    before: Mapping[str, _Floats]
    groups: _Ints
    count: int

    def half_interval(self, figure: str) -> _Floats:
        """Of the change of each group."""
        if figure in QUOTIENTS:
            top, bottom = QUOTIENTS[figure]
            added = self._linear(self.after, top, bottom) - self._linear(self.before, top, bottom)
            variances = self._by_group(added**2)
        else:
            added = self.after[figure] - self.before[figure]
            clients = self._by_group((self.after["facts"] > 0) | (self.before["facts"] > 0))
            mean = _quotient(self._by_group(added), clients)
            variances = self._by_group(added**2) - clients * mean**2
        return Z * np.sqrt(np.maximum(variances, 0.0)) * _SCALE.get(figure, 1.0)

    def _linear(self, sums: Mapping[str, _Floats], top: str, bottom: str) -> _Floats:
        """What each client adds to the error of the quotient."""
        whole = self._by_group(sums[bottom])
        quotient, share = _quotient(self._by_group(sums[top]), whole), _quotient(np.ones(self.count), whole)
        return np.asarray((sums[top] - self._each(quotient) * sums[bottom]) * self._each(share))

    def _by_group(self, values: _Floats | NDArray[np.bool_]) -> _Floats:
        if self.count == 1:
            return np.array([values.sum()], np.float64)
        return np.bincount(self.groups, values, self.count).astype(np.float64, copy=False)

    def _each(self, of_groups: _Floats) -> _Floats:
        return of_groups if self.count == 1 else of_groups[self.groups]


def _quotient(number: _Floats, of: _Floats) -> _Floats:
    return np.divide(number, of, out=np.zeros(len(number)), where=of != 0)


def _by_client_and_place(question: Question, period: Period, data: Data, names: Sequence[str]) -> Columns:
    """Sums of each client at each location, for groups of any kind of place."""
    selection = _selection(question, period, data)
    key = ("by client and place", selection, tuple(names))
    if key not in data.worked_out:
        _blocks, parts = _happened(question, period, data)
        columns = ("client_id", "location_id", *names)
        rows = {
            name: np.concatenate([np.empty(0, np.int64), *(facts[name] for _sign, facts in parts)]) for name in columns
        }
        signs = np.concatenate([np.empty(0), *(np.full(len(facts["facts"]), sign) for sign, facts in parts)])
        units, clients, locations = client_units(rows["client_id"], rows["location_id"])
        sums = _sums(units, {name: rows[name] * signs for name in names}, len(clients))
        there = sums["facts"] > 0
        places = {"client_id": clients[there], "location_id": locations[there]}
        data.worked_out[key] = {
            **parted(places, selection, data),
            **{name: column[there] for name, column in sums.items()},
        }
    return cast("Columns", data.worked_out[key])


def _selection(question: Question, period: Period, data: Data) -> Selection:
    return selection_of(replace(question, start=period.start, end=period.end), data)


def _happened(question: Question, period: Period, data: Data) -> tuple[list[Block], list[tuple[int, Columns]]]:
    """Blocks of the period, and of each its sign and what happened; `clients` is whose first day of the period was
    there."""
    selection = _selection(question, period, data)
    names = sorted({*selection.columns(_READ), "client_id"})
    with data.reader() as reader:
        read = reader.read(names, start=period.start, end=period.end, of_categories=selection.of_categories)
    blocks = list(joined(read))
    return blocks, [(block.sign, _of_block(block, selection, data)) for block in blocks]


def _of_block(block: Block, selection: Selection, data: Data) -> Columns:
    data.places.cover(block.columns["location_id"])
    facts = DaysOfPeriod(dated(block, selection, data.places), selection).columns
    found = happened(facts, selection)
    since = facts["day"].astype(np.int64) + block.month - (selection.start - EPOCH).days
    is_first = found["visit_days"] & (facts[selection.stream.prev] > since)
    return {**found, "client_id": facts["client_id"], "clients": is_first, "facts": np.ones(len(since), np.bool_)}


def _inside(question: Question, facts: Columns, data: Data) -> tuple[_Ints, Columns]:
    """Client ids and facts in the places asked for."""
    if question.is_placed:
        inside = data.places.inside(question)[facts["location_id"]]
        facts = {name: column[inside] for name, column in facts.items()}
    return facts["client_id"], facts
