"""What changed on a period before: of the total and of each group, with its interval."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.reporting.compare.like_for_like import same_stores
from core.reporting.compare.overlap import overlap_of, variances
from core.reporting.compare.periods import NOT_COMPARABLE, ComparedPeriods, compared_periods
from core.reporting.compare.strata import knows_new_clients
from core.reporting.compare.units import Units, units_of
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.facts.arrays import distinct
from core.reporting.grouped_counts import GroupedCounts, cached, grouped_counts
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Interval
from core.reporting.question import Question
from core.reporting.statistics.change import contributions, of_intervals, of_stores, summed_variances
from core.reporting.statistics.decomposition import Decomposition
from core.reporting.statistics.proportions import Z
from core.reporting.statistics.standardisation import Cell, Stratum, decompose
from core.shared.errors import AppError

# Filters by places that are made of stores.
_PLACES = ("region", "city_tier", "city", "store_group")


# Half of an interval, given the values after and before.
Error = Callable[[float, float], float | None]


@dataclass(frozen=True)
class Change:
    """None where a period has no value; no interval where nothing is known of chance."""

    before: float | None = None
    change: float | None = None
    ci95: Interval | None = None
    # Whether either period has fewer than 30 clients.
    small_sample: bool = False

    @property
    def is_beyond_chance(self) -> bool:
        """What alone is called a rise or a fall; of a small sample nothing is."""
        return self.ci95 is not None and not self.small_sample and not self.ci95[0] <= 0 <= self.ci95[1]


NO_CHANGE = Change()


@dataclass(frozen=True)
class Changes:
    """By the groups' keys; `reason` is why there are none."""

    periods: ComparedPeriods | None = None
    total: Change = NO_CHANGE
    groups: Mapping[str, Change] = field(default_factory=dict)
    reason: str = ""
    # What of the total's change comes from whom it is of, where chance does not explain it.
    split: Decomposition[Stratum] | None = None
    # Of groups made of stores by key, where some of these were not there all the time: of those that were, how many
    # they are.
    same_stores: Mapping[str, Change] = field(default_factory=dict)
    same_stores_total: Change = NO_CHANGE
    same_store_count: int | None = None

    def of(self, key: str) -> Change:
        return self.groups.get(key, NO_CHANGE)


def shown_changes(question: Question, data: Data) -> Changes:
    """For pages and files, which say why there are none."""
    if question.compare == "none":
        return Changes()
    try:
        return changes(question, data)
    except AppError as error:
        if error.code != NOT_COMPARABLE:
            raise
        return Changes(reason=str(error.message))


def changes(question: Question, data: Data) -> Changes:
    """Raises AppError where the periods cannot be compared."""
    periods = compared_periods(question, data.completeness)
    known = data.completeness
    of = (periods, known.as_of, known.begins, known.stale_stores)
    found = cached("change", question, data, lambda: _changes(question, periods, data), of=of)
    same = same_stores(question, periods, data) if DIMENSIONS[question.by].test == "stores" else None
    if same is not None:
        own = replace(question, visible=same)
        of_same = cached("change", own, data, lambda: _changes(own, periods, data), of=of)
        found = replace(
            found,
            same_stores=_named(question, of_same.groups),
            same_stores_total=of_same.total,
            same_store_count=len(same),
        )
    return replace(found, groups=_named(question, found.groups))


def _named(question: Question, by_raw: Mapping[str, Change]) -> dict[str, Change]:
    names = DIMENSIONS[question.by].named(by_raw)
    return {names[raw].key: change for raw, change in by_raw.items()}


def _changes(question: Question, periods: ComparedPeriods, data: Data) -> Changes:
    """By the groups' raw keys."""
    counts = _counts(question, periods, data)
    after, before = (one.by_group for one in counts)
    intervals = _Intervals(question, periods, data)
    groups = {
        raw: _change(after.get(raw), before.get(raw), intervals.of_group(raw)) for raw in after.keys() | before.keys()
    }
    if any(one.overlaps for one in counts):
        # Each client once in the total.
        question = replace(question, by="none")
        counts, intervals = _counts(question, periods, data), _Intervals(question, periods, data)
    after_all, before_all = (one.total() for one in counts)
    total = _change(after_all, before_all, intervals.of_total())
    split = _split(counts, knows_new_clients(periods.before.start, data.completeness.begins))
    return Changes(periods, total, groups, split=split if total.is_beyond_chance else None)


def _split(counts: Sequence[GroupedCounts], by_acquisition: bool) -> Decomposition[Stratum] | None:  # noqa: FBT001
    """Over new or returning × third of the period: more new clients lower a rate with nobody behaving differently."""
    metric = counts[0].metric
    if metric.kind != "proportion" or not metric.is_adjusted:
        return None
    cells = []
    for name, one in zip(("after", "before"), counts, strict=True):
        repeats, clients = metric.proportion
        columns = (one.cells[key].tolist() for key in ("inside", "is_new", "third", repeats, clients))
        cells += [
            Cell(name, ("", bool(new) and by_acquisition, third), n, x)
            for inside, new, third, x, n in zip(*columns, strict=True)
            if inside
        ]
    return decompose(cells, "after", "before")


def _counts(question: Question, periods: ComparedPeriods, data: Data) -> list[GroupedCounts]:
    both = (periods.current, periods.before)
    return [grouped_counts(replace(question, start=period.start, end=period.end), data) for period in both]


def _change(after: Estimate | None, before: Estimate | None, error: Error) -> Change:
    if before is None or before.value is None or after is None or after.value is None:
        return Change(before=before.value if before else None)
    half = error(after.value, before.value)
    change = after.value - before.value
    ci95 = None if half is None else (change - half, change + half)
    if half is None and after.ci95 and before.ci95:
        ci95 = of_intervals((after.value, after.ci95), (before.value, before.ci95))
    return Change(before.value, change, ci95, small_sample=after.small_sample or before.small_sample)


def count_change(
    after: float | None, before: float | None, *, is_count: bool = False, half: float | None = None
) -> Change:
    """Of a figure: with the half of its interval that is given, a count's else with that of two Poisson counts."""
    if after is None or before is None:
        return Change(before=before)
    if half is None and is_count:
        half = _poisson(after, before)
    ci95 = None if half is None else (after - before - half, after - before + half)
    return Change(before, after - before, ci95)


def _poisson(after: float, before: float) -> float:
    return Z * math.sqrt(after + before)


class _Intervals:
    """Half of a change's interval, given the values, where the kind of the metric has one."""

    def __init__(self, question: Question, periods: ComparedPeriods, data: Data) -> None:
        self._kind = METRICS[question.metric].kind
        self._groups: Mapping[str, float] = {}
        self._total = 0.0
        if self._kind != "proportion":
            return
        of_stores = DIMENSIONS[question.by].test == "stores"
        is_place = question.store is None and any(getattr(question, name) is not None for name in _PLACES)
        if question.scope == "chain" and not question.asks_for_groups:
            overlap = overlap_of(question, periods, data)
            keys, groups = variances(overlap, question, data, made_of_stores=of_stores)
            _all, total = variances(overlap, question, data, made_of_stores=is_place, as_one_group=True)
        else:
            units = units_of(question, periods.current, periods.before, data)
            keys, groups = units.keys, _variances(units, made_of_stores=of_stores)
            total = _variances(units.as_one_group(), made_of_stores=is_place)
        self._groups, self._total = dict(zip(keys, groups.tolist(), strict=True)), float(total[0])

    def of_group(self, raw: str) -> Error:
        return lambda after, before: self._half(after, before, self._groups.get(raw))

    def of_total(self) -> Error:
        return lambda after, before: self._half(after, before, self._total)

    def _half(self, after: float, before: float, variance: float | None) -> float | None:
        if self._kind == "count":
            return _poisson(after, before)
        return Z * math.sqrt(variance) if self._kind == "proportion" and variance is not None else None


def _variances(units: Units, *, made_of_stores: bool) -> NDArray[np.float64]:
    """By group, over clients, each counted once also when in both periods; of places summed within stores first."""
    count = len(units.keys)
    parts = np.zeros(len(units.groups))
    for which, sign in ((~units.is_before, 1), (units.is_before, -1)):
        rows = units.groups[which]
        parts[which] = sign * contributions(units.repeats[which], units.clients[which], rows, count)
    by_client = summed_variances(parts, units.client_ids, units.groups, count)
    if not made_of_stores:
        return by_client
    by_store = summed_variances(parts, units.stores, units.groups, count)
    size = int(units.stores.max(initial=0)) + 1
    pairs = distinct(units.groups * size + units.stores).values // size
    return of_stores(by_client, by_store, np.bincount(pairs, minlength=count))
