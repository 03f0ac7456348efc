"""The table of places: regions, city tiers or store groups, the cities within and the stores within these, with any
metrics' figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.reporting.answers import report_of
from core.reporting.compare.amounts import FIGURES, half_intervals_of_places
from core.reporting.compare.change import NO_CHANGE, Change, Changes, count_change, shown_changes
from core.reporting.compare.like_for_like import same_stores
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS, WITHIN, Name
from core.reporting.grouped_counts import cached, grouped_counts
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Interval
from core.reporting.metrics.units import COUNT, Unit
from core.reporting.question import Breakdown, Question
from core.reporting.trend import trend_points

# What the table begins with, and the levels from there down.
Top = Literal["region", "city_tier", "store_group"]
LEVELS: Mapping[Top, tuple[Breakdown, ...]] = {
    "region": ("region", "city", "store"),
    "city_tier": ("city_tier", "city", "store"),
    "store_group": ("store_group", "city", "store"),
}
TOPS = tuple(LEVELS)


@dataclass(frozen=True)
class PlaceColumn:
    """A metric's value, what it is adjusted to, one of its figures, or the change of either at the same stores."""

    key: str
    title: Promise
    metric: str
    part: Literal["value", "adjusted", "figure", "same_stores"] = "value"
    figure: str = ""
    # Whether it is of some places only where one sees all: the chain's averages are no secret, its sums are.
    is_sum: bool = False

    @property
    def unit(self) -> Unit:
        return METRICS[self.metric].unit_of(self.figure)

    @property
    def has_change(self) -> bool:
        """Beside its value; an adjusted rate has none."""
        return self.part in ("value", "figure")

    def of(self, estimate: Estimate) -> float | None:
        found: float | None = estimate.figure(self.figure) if self.part == "figure" else estimate.value
        return found


def _figure(name: str, title: Promise, *, is_sum: bool = False) -> PlaceColumn:
    return PlaceColumn(name, title, "volumes", "figure", name, is_sum)


COLUMNS: Mapping[str, PlaceColumn] = {
    column.key: column
    for column in (
        _figure("clients", gettext_lazy("Clients"), is_sum=True),
        _figure("new_clients", gettext_lazy("New clients"), is_sum=True),
        _figure("visits", gettext_lazy("Visits"), is_sum=True),
        _figure("net_revenue", gettext_lazy("Net revenue"), is_sum=True),
        _figure("average_visit", gettext_lazy("Spend a visit")),
        _figure("average_client", gettext_lazy("Spend a client")),
        _figure("mean_rating", gettext_lazy("Mean rating")),
        PlaceColumn("repurchase_rate", gettext_lazy("Repurchase rate"), "repurchase_rate"),
        PlaceColumn("adjusted", gettext_lazy("Adjusted rate"), "repurchase_rate", "adjusted"),
        PlaceColumn("return_within", gettext_lazy("Back within 90 days"), "return_within"),
        PlaceColumn("repeat_revenue_share", gettext_lazy("Revenue from repeat clients"), "repeat_revenue_share"),
        PlaceColumn("value_segments", gettext_lazy("High-value clients"), "value_segments"),
        PlaceColumn(
            "same_store_revenue", gettext_lazy("Same-store revenue growth"), "volumes", "same_stores", "net_revenue"
        ),
        PlaceColumn(
            "same_store_rate", gettext_lazy("Same-store change in repurchase rate"), "repurchase_rate", "same_stores"
        ),
    )
}
SHOWN_FIRST = ("clients", "net_revenue", "repurchase_rate", "adjusted", "return_within")


@dataclass(frozen=True, slots=True)
class Value:
    value: float | None = None
    ci95: Interval | None = None
    small_sample: bool = False
    change: Change = NO_CHANGE


Values = Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True)
class PlaceRow:
    """`path` holds the keys from the top down, `values` are by the columns' keys."""

    path: tuple[str, ...]
    name: Name
    values: Mapping[str, Value]

    @property
    def level(self) -> int:
        return len(self.path) - 1


@dataclass(frozen=True)
class PlaceTable:
    rows: Sequence[PlaceRow]
    # Of all places that are seen, and of the whole chain.
    total: Mapping[str, Value]
    chain: Mapping[str, Value]
    # Why there are no changes.
    reason: str = ""


def place_table(question: Question, top: Top, columns: Sequence[PlaceColumn], data: Data) -> PlaceTable:
    """Rows in the order of their paths, those of a place behind it."""
    levels = _levels(top)
    found = [_values(replace(question, by=level), columns, data) for level in levels]
    rows = [row for level, values in zip(levels, found, strict=True) for row in _rows(level, values)]
    own, reason = _totals(question, columns, data)
    everyone = own if question.visible is None else _totals(replace(question, visible=None), columns, data)[0]
    return PlaceTable(sorted(rows, key=_order(top)), own, everyone, reason)


def trend_columns() -> list[PlaceColumn]:
    """Those that have a value a month: adjusted rates are of one period alone, changes of two."""
    return [column for column in COLUMNS.values() if column.has_change]


def place_trends(
    question: Question, top: Top, column: PlaceColumn, data: Data
) -> Mapping[tuple[str, ...], Mapping[date, Estimate]]:
    """Twelve-month estimates of a column by the paths of the table's rows. All levels are made of the same counts."""
    asked = replace(of_metric(question, column.metric), compare="none")
    found: dict[tuple[str, ...], Mapping[date, Estimate]] = {}
    for level in _levels(top):
        points = trend_points(replace(asked, by=level), data)
        names = DIMENSIONS[level].named(points)
        found |= {_path(level, raw, names[raw]): own for raw, own in points.items()}
    return found


def chain_trend(question: Question, column: PlaceColumn, data: Data) -> Mapping[date, Estimate]:
    """The same of all places that the question's asker sees."""
    asked = replace(of_metric(question, column.metric), compare="none", by="none")
    return trend_points(asked, data).get("all", {})


def _levels(top: Top) -> list[Breakdown]:
    """As breakdowns, each within those before."""
    own = LEVELS[top]
    return [cast("Breakdown", "/".join(own[:end])) for end in range(1, len(own) + 1)]


def _rows(level: Breakdown, values: Values) -> list[PlaceRow]:
    names = DIMENSIONS[level].named(values)
    return [PlaceRow(_path(level, raw, names[raw]), names[raw], own) for raw, own in values.items()]


def _path(level: Breakdown, raw: str, name: Name) -> tuple[str, ...]:
    """A store's last part is its code, other places' what they are in the chain's own tables; empty where a store has
    none."""
    *outer, last = raw.split(WITHIN)
    return (*outer, name.key.rpartition(WITHIN)[2] if level.endswith("/store") else last)


def _order(top: Top) -> Callable[[PlaceRow], tuple[object, ...]]:
    """Tiers from the first down, other places by their keys; what has none comes last."""
    rank = DIMENSIONS[top].rank()
    return lambda row: (not row.path[0], rank(row.path[0]), row.path[1:])


def _values(question: Question, columns: Sequence[PlaceColumn], data: Data) -> Values:
    """By raw key of the group and key of the column."""
    found: dict[str, dict[str, Value]] = {}
    for code in dict.fromkeys(column.metric for column in columns):
        own = [column for column in columns if column.metric == code]
        for raw, values in _of_metric(of_metric(question, code), own, data).items():
            found.setdefault(raw, {}).update(values)
    return found


def of_metric(question: Question, code: str) -> Question:
    return replace(question, metric=code, within=next(iter(METRICS[code].horizons), None))


def _of_metric(question: Question, columns: Sequence[PlaceColumn], data: Data) -> Values:
    known = data.completeness
    of = ([column.key for column in columns], known.as_of, known.stale_stores, known.begins)
    return cached("places", question, data, lambda: _worked_out(question, columns, data), of=of)


def _worked_out(question: Question, columns: Sequence[PlaceColumn], data: Data) -> Values:
    report = report_of(question, data, ranked=False)
    told = _told(question, columns, data)
    raw_keys = {
        name.key: raw for raw, name in DIMENSIONS[question.by].named(grouped_counts(question, data).by_group).items()
    }
    return {
        raw_keys[group.key]: {
            column.key: _value(column, group, told[column.key].change(column, raw_keys[group.key], group.key))
            for column in columns
        }
        for group in report.groups
    }


def _totals(question: Question, columns: Sequence[PlaceColumn], data: Data) -> tuple[dict[str, Value], str]:
    """And why there are no changes."""
    found: dict[str, Value] = {}
    reason = ""
    for code in dict.fromkeys(column.metric for column in columns):
        asked = replace(of_metric(question, code), by="none")
        own = [column for column in columns if column.metric == code]
        told = _told(asked, own, data)
        reason = reason or shown_changes(asked, data).reason
        total = grouped_counts(asked, data).total()
        found |= {column.key: _value(column, total, told[column.key].change(column, "all", None)) for column in own}
    return found, reason


def _value(column: PlaceColumn, estimate: Estimate, change: Change) -> Value:
    if column.part == "same_stores":
        value = change.change if column.unit.is_estimated else in_proportion(change, column.unit)
        return Value(value, change.ci95, change=change)
    if column.part == "adjusted":
        return Value(estimate.adjusted_value, estimate.adjusted_ci95, estimate.small_sample)
    if column.part == "figure":
        return Value(estimate.figure(column.figure), change=change)
    return Value(estimate.value, estimate.ci95, estimate.small_sample, change)


def in_proportion(change: Change, unit: Unit) -> float | None:
    """A change of counts and amounts as a part of what they were; None of others, and where there were none."""
    if change.change is None or not change.before or change.before < 0 or unit.is_estimated or unit.highest is not None:
        return None
    return change.change / change.before


@dataclass(frozen=True)
class _Told:
    """The changes of a metric, and those of its figures by raw key and figure."""

    changes: Changes
    figures: Mapping[str, Mapping[str, Change]]

    def change(self, column: PlaceColumn, raw: str, key: str | None) -> Change:
        """Of a group by its raw key and its name's, or of the total."""
        if column.figure:
            return self.figures.get(raw, {}).get(column.figure, NO_CHANGE)
        return self.changes.total if key is None else self.changes.of(key)


def _told(question: Question, columns: Sequence[PlaceColumn], data: Data) -> dict[str, _Told]:
    """By the columns' keys: at all stores, or at those that were open and in their place throughout both periods."""
    own = _told_at_once(question, columns, data)
    like_for_like = [column for column in columns if column.part == "same_stores"]
    same = _Told(Changes(), {})
    if like_for_like and own.changes.periods:
        stores = same_stores(question, own.changes.periods, data)
        asked = question if stores is None else replace(question, visible=stores)
        same = _told_at_once(asked, like_for_like, data)
    return {column.key: same if column.part == "same_stores" else own for column in columns}


def _told_at_once(question: Question, columns: Sequence[PlaceColumn], data: Data) -> _Told:
    changes = shown_changes(question, data)
    return _Told(changes, _changes_of_figures(question, changes, data, [one for one in columns if one.figure]))


def _changes_of_figures(
    question: Question, changes: Changes, data: Data, columns: Sequence[PlaceColumn]
) -> dict[str, dict[str, Change]]:
    """By raw key and figure."""
    if not columns or changes.periods is None:
        return {}
    periods = changes.periods
    after, before = (
        grouped_counts(replace(question, start=one.start, end=one.end), data).by_group
        for one in (periods.current, periods.before)
    )
    amounts = [column.figure for column in columns if column.figure in FIGURES]
    halves = half_intervals_of_places(question, periods, data, amounts)
    return {
        raw: {
            column.figure: count_change(
                after[raw].figure(column.figure),
                before[raw].figure(column.figure),
                is_count=column.unit is COUNT,
                half=halves.get(raw, {}).get(column.figure),
            )
            for column in columns
        }
        for raw in after.keys() & before.keys()
    }
