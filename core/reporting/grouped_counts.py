"""Counts of clients by group and stratum for a question: what every figure of its answer comes from."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar, cast

import numpy as np
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.catalogue.models import ServiceCategory
from core.membership.models import MemberTier
from core.reporting.cells import Cells
from core.reporting.counting import STRATUM, FactDimension, Selection, aggregated
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.facts.period_cache import is_standard, packed, standard_cells, unpacked
from core.reporting.grouping import anonymous_by_part, overlaps, parted, with_groups
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Metric
from core.reporting.question import NONE_KEY, PLACE_FILTERS, Question
from core.shared.errors import AppError
from core.shared.replica import report_cursor

# The key of what is worked out changes with the facts.
KEPT_SECONDS = 24 * 3600
# Bytes of what is put into the cache at once: the cache has a fraction of a second to take it.
LARGEST = 1_000_000
# What the chain may lack, by filter.
_UNKNOWN: Mapping[str, Promise] = {
    "category": gettext_lazy("There is no category “%s”. Choose another one, or leave it out."),
    "member_tier": gettext_lazy("There is no member tier “%s”. Choose another one, or leave it out."),
    "region": gettext_lazy("There is no region “%s”. Choose another one, or leave it out."),
    "city_tier": gettext_lazy("There is no city tier “%s”. Choose another one, or leave it out."),
    "city": gettext_lazy("There is no city “%s”. Choose another one, or leave it out."),
    "store_group": gettext_lazy("There is no store group “%s”. Choose another one, or leave it out."),
    "store": gettext_lazy("There is no store “%s”. Choose another one, or leave it out."),
}
T = TypeVar("T")


@dataclass(frozen=True)
class GroupedCounts:
    """Clients alike in group, stratum and the metric's keys.

    `keys` are of the groups: ids of stores, categories, tiers and staff as text, or the key itself; empty for none.
    Columns of `cells`: group (place in `keys`), inside (whether they belong to the places asked for), the stratum, the
    metric's keys and counts. Of groups made of stores, `stores` has the metric's counts by group, inside and store.
    `overlaps`: clients may stand in several groups.
    """

    metric: Metric
    within: int | None
    keys: Sequence[str]
    cells: Cells
    stores: Cells
    overlaps: bool = False

    def by_store(self) -> dict[str, list[tuple[int, int]]]:
        """Of a proportion, its counts for the stores of each group, in the places asked for. A store that moved is one
        in each group."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        if not self.stores:
            return {}
        columns = (self.stores[name].tolist() for name in ("group", "inside", *self.metric.proportion))
        for group, inside, repeats, clients in zip(*columns, strict=True):
            if inside and clients:
                found[self.keys[group]].append((repeats, clients))
        return dict(found)

    @cached_property
    def by_group(self) -> Mapping[str, Estimate]:
        """Of each group that has clients, in the places asked for."""
        rows = self._inside(("group",))
        starts = np.flatnonzero(np.diff(rows["group"], prepend=-1)).tolist()
        return {
            self.keys[int(rows["group"][start])]: self._estimate(rows, start, end)
            for start, end in pairwise([*starts, len(rows["group"])])
        }

    def total(self) -> Estimate:
        """Of all groups together, in the places asked for."""
        rows = self._inside(())
        return self._estimate(rows, 0, len(rows[self.metric.counts[0]]))

    def _inside(self, keys: Sequence[str]) -> Cells:
        within = self.cells["inside"] == 1
        names = (*keys, *self.metric.keys, *self.metric.counts)
        return aggregated([{name: self.cells[name][within] for name in names}], self.metric, keys)

    def _estimate(self, rows: Cells, start: int, end: int) -> Estimate:
        return self.metric.estimate({name: column[start:end] for name, column in rows.items()}, self.within)


def grouped_counts(question: Question, data: Data, metric: Metric | None = None) -> GroupedCounts:
    """Of the question's metric, unless one is given that counts more of the same clients.

    Raises AppError for a filter by something that the chain does not have.
    """
    (counts,) = grouped_counts_by_period(question, [(question.start, question.end)], data, metric)
    return counts


def grouped_counts_by_period(
    question: Question, periods: Sequence[tuple[date, date]], data: Data, metric: Metric | None = None
) -> list[GroupedCounts]:
    """Of several periods at once, in the order of the periods."""
    metric = metric or METRICS[question.metric]
    selection = selection_of(question, data, metric)
    selections = [metric.normal(replace(selection, start=start, end=end)) for start, end in periods]
    missing = [one for one in dict.fromkeys(selections) if (metric.code, one) not in data.cells]
    if missing:
        cells = _cells(metric, missing, data)
        if metric.takes_anonymous:
            cells = _with_anonymous(metric, missing, cells, data)
        data.cells |= {(metric.code, one): of_period for one, of_period in zip(missing, cells, strict=True)}
    return [_grouped(question, metric, one, data) for one in selections]


def _with_anonymous(metric: Metric, selections: Sequence[Selection], cells: Sequence[Cells], data: Data) -> list[Cells]:
    """They stand in no block, and so not in what is kept of blocks."""
    with report_cursor() as cursor:
        amounts = [anonymous_by_part(cursor, one, data.places) for one in selections]
    return [
        aggregated([of_clients, metric.anonymous(of_no_client, selection)], metric)
        for of_clients, of_no_client, selection in zip(cells, amounts, selections, strict=True)
    ]


def _grouped(question: Question, metric: Metric, selection: Selection, data: Data) -> GroupedCounts:
    key = (metric.code, replace(question, start=selection.start, end=selection.end, compare="none"), selection)
    if key not in data.worked_out:
        data.worked_out[key] = _of_cells(question, metric, selection, data)
    return cast("GroupedCounts", data.worked_out[key])


def _of_cells(question: Question, metric: Metric, selection: Selection, data: Data) -> GroupedCounts:
    cells = parted(data.cells[metric.code, selection], selection, data)
    keys, columns = with_groups(question, cells, data)
    stores = {}
    if DIMENSIONS[question.by].test == "stores" and metric.kind == "proportion":
        stores = aggregated([columns], metric, ("group", "inside", "store"))
    by_stratum = aggregated([columns], metric, ("group", "inside", *STRATUM))
    return GroupedCounts(metric, question.within, keys, by_stratum, stores, overlaps(question, selection))


def _cells(metric: Metric, selections: Sequence[Selection], data: Data) -> list[Cells]:
    """Those counted before, as long as no fact has changed since; the others in one reading."""
    names, first = metric.columns_of_cells, selections[0]
    columns = first.columns(metric.columns(first))
    versions = {selection: data.version(columns, metric.through(selection)) for selection in selections}
    keys = {one: cache_key("counts", metric.code, metric.version, one, version) for one, version in versions.items()}
    known = cache.get_many(keys.values()) if all(versions.values()) else {}
    missing = [selection for selection, key in keys.items() if key not in known]
    counted = dict(zip(missing, _counted(metric, missing, data) if missing else [], strict=True))
    if all(versions.values()) and len(counted) == 1:
        # What follows from many periods is cached instead of their counts, which are large.
        ((selection, cells),) = counted.items()
        data_of_cells = zlib.compress(packed(cells, names), level=1)
        if len(data_of_cells) <= LARGEST:
            cache.set(keys[selection], data_of_cells, KEPT_SECONDS)
    return [
        counted[selection] if selection in counted else unpacked(zlib.decompress(known[keys[selection]]), names)
        for selection in selections
    ]


def cache_key(name: str, *parts: object) -> str:
    return f"{name}:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def _counted(metric: Metric, selections: Sequence[Selection], data: Data) -> list[Cells]:
    first = selections[0]
    if metric.may_keep(first) and all(is_standard(one.start, one.end) and not one.is_dated for one in selections):
        filters: dict[FactDimension, int | None] = {
            "category": first.category_id,
            "member_tier": first.member_tier_id,
        }
        filtered = [name for name, value in filters.items() if value is not None]
        if not filtered:
            return standard_cells(metric, selections, data)
        if len(filtered) == 1 and not first.dimension:
            return _one_value(metric, selections, filtered[0], data)
    with data.reader() as reader:
        return metric.count(reader, selections, data.places)


def _one_value(metric: Metric, selections: Sequence[Selection], dimension: FactDimension, data: Data) -> list[Cells]:
    """Of one category or member tier, out of the breakdown by it, which is kept."""
    value = getattr(selections[0], f"{dimension}_id")
    whole = [replace(s, dimension=dimension, category_id=None, member_tier_id=None) for s in selections]
    return [
        {name: column[cells["dimension"] == value] for name, column in cells.items()}
        for cells in standard_cells(metric, whole, data)
    ]


def cached(name: str, question: Question, data: Data, make: Callable[[], T], *, of: object = "") -> T:
    """What follows from the counts of a question and of periods before (and from `of`), worked out once as long as no
    fact changes that it tells of."""
    key = _key_of(name, question, data, of)
    if not key:
        return make()
    if key not in data.worked_out:
        data.worked_out[key] = cache.get_or_set(key, make, KEPT_SECONDS)
    return cast("T", data.worked_out[key])


def cached_by_period(
    name: str,
    question: Question,
    periods: Sequence[tuple[date, date]],
    data: Data,
    make: Callable[[Sequence[tuple[date, date]]], Sequence[T]],
) -> list[T]:
    """What follows from the counts of each of these periods, the missing ones worked out together."""
    keys = {one: _key_of(name, replace(question, start=one[0], end=one[1]), data) for one in periods}
    found = cache.get_many([key for key in keys.values() if key])
    missing = [period for period, key in keys.items() if key not in found]
    made = dict(zip(missing, make(missing), strict=True)) if missing else {}
    cache.set_many({key: made[period] for period, key in keys.items() if key and period in made}, KEPT_SECONDS)
    return [made[period] if period in made else found[keys[period]] for period in periods]


def _key_of(name: str, question: Question, data: Data, of: object = "") -> str:
    """Empty where nothing tells whether facts have changed."""
    metric = METRICS[question.metric]
    selection = metric.normal(selection_of(question, data))
    version = data.version(selection.columns(metric.columns(selection)), metric.through(selection))
    return cache_key(name, metric.version, question, selection, of, version) if version else ""


def selection_of(question: Question, data: Data, metric: Metric | None = None) -> Selection:
    """What has to be counted for the question's metric or the one given.

    Raises AppError for a filter by something that the chain does not have.
    """
    for name in PLACE_FILTERS:
        value = getattr(question, name)
        if value is not None and value not in _known(name, data):
            raise _unknown(name, value)
    metric = metric or METRICS[question.metric]
    categories = ServiceCategory.objects.filter(name=question.category)
    member_tiers = MemberTier.objects.filter(code=question.member_tier)
    return Selection(
        start=question.start,
        end=question.end,
        scope=question.scope,
        basis=question.basis,
        dimension=DIMENSIONS[question.by].fact,
        of_clients=metric.takes_anonymous and DIMENSIONS[question.by].of_clients,
        category_id=_id_of("category", question.category, categories),
        member_tier_id=0
        if question.member_tier == NONE_KEY
        else _id_of("member_tier", question.member_tier, member_tiers),
        within=question.within,
        as_of=data.completeness.as_of if metric.looks_ahead else None,
        stale_stores=data.completeness.stale_stores if metric.horizons else (),
        begins=data.completeness.begins if metric.looks_back else None,
        thresholds=data.thresholds.in_hundredths if metric.has_thresholds else None,
        groups=data.store_groups if question.asks_for_groups else None,
    )


def _known(place_filter: str, data: Data) -> Collection[str]:
    if place_filter == "store_group":
        return [*data.store_groups.names, NONE_KEY]
    return data.places.values(place_filter)


def _id_of(name: str, value: str | None, records: QuerySet[Any]) -> int | None:
    if value is None:
        return None
    pk: int | None = records.values_list("pk", flat=True).first()
    if pk is None:
        raise _unknown(name, value)
    return pk


def _unknown(name: str, value: str) -> AppError:
    return AppError(f"unknown_{name}", _UNKNOWN[name] % value, field=name)
