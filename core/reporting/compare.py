"""Compares the groups of a report of a proportion: tests, adjusted rates, the parts of a gap, funnel and ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import cast

import numpy as np
from django.core.cache import cache

from core.reporting.dimensions import DIMENSIONS
from core.reporting.grouped_counts import KEPT_SECONDS, GroupedCounts, cache_key
from core.reporting.metrics.base import Interval, Metric
from core.reporting.report import Group, Report
from core.reporting.statistics.funnel import Funnel, funnel
from core.reporting.statistics.homogeneity import chi_square, holm_pairs
from core.reporting.statistics.ranking import Ranking, rank_stores
from core.reporting.statistics.standardisation import Cell, Decomposition, decompose, direct, indirect

# No place is called so.
_OUTSIDE = "\0"
AdjustedRates = Mapping[str, tuple[float | None, Interval | None]]


def with_comparison(report: Report, counts: GroupedCounts, keys: Mapping[str, str], *, ranked: bool = True) -> Report:
    """Adds what the groups' kind allows. In scope `store` clients stand in several groups: nothing is compared.

    `counts` are of all of the chain's clients, also those outside the places asked for; `keys` gives a group's key.
    """
    dimension = DIMENSIONS[report.question.by]
    if counts.metric.kind != "proportion" or report.question.scope == "store":
        return report
    if report.additive and dimension.code != "none":
        report = _with_tests(report, counts.metric)
    if report.groups and counts.metric.is_adjusted and dimension.adjustment == "direct":
        report = _directly_adjusted(report, counts, keys)
    if report.groups and counts.metric.is_adjusted and dimension.adjustment == "indirect":
        report = _indirectly_adjusted(report, counts, keys)
    return _with_funnel(report, counts, keys) if ranked and dimension.code == "store" else report


def _with_tests(report: Report, metric: Metric) -> Report:
    """Groups that share no client are tested; categories share clients."""
    counts = {group.key: (group.counts[metric.proportion[0]], group.clients) for group in report.groups}
    return replace(report, chi_square=chi_square(list(counts.values())), pairs=holm_pairs(counts))


def _stratified(counts: GroupedCounts, keys: Mapping[str, str]) -> list[Cell]:
    """Cells of all the chain; those outside the places asked for are of no group that is compared."""
    columns = ("group", "inside", "lead_category_id", "is_new", "third", *counts.metric.proportion)
    rows = zip(*(counts.cells[name].tolist() for name in columns), strict=True)
    return [
        Cell(keys[counts.keys[group]] if inside else _OUTSIDE, (str(category), bool(is_new), third), clients, repeats)
        for group, inside, category, is_new, third, repeats, clients in rows
    ]


def _directly_adjusted(report: Report, counts: GroupedCounts, keys: Mapping[str, str]) -> Report:
    """The weights are the whole chain's, also where only some of its places are asked for."""
    stratified = _stratified(counts, keys)
    result = direct(stratified, compared={group.key for group in report.groups})
    rates = {key: (rate.rate, rate.interval) if rate else (None, None) for key, rate in result.rates.items()}
    groups = _adjusted(report.groups, rates)
    return replace(
        report,
        groups=groups,
        adjusted_coverage=result.coverage,
        adjustment=result.level,
        adjustment_limited_by=result.limiting_group,
        gap=_gap(groups, stratified) if report.chi_square and report.chi_square.beyond_chance else None,
    )


def _indirectly_adjusted(report: Report, counts: GroupedCounts, keys: Mapping[str, str]) -> Report:
    """What is expected comes from the whole chain, also where only some of its places are asked for."""
    cells = counts.cells
    repeats, clients = (cells[name] for name in counts.metric.proportion)
    strata = (cells["lead_category_id"] * 2 + cells["is_new"]) * 3 + cells["third"]
    # Of a group, clients of the places asked for and others are compared apart.
    results = indirect(cells["group"] * 2 + cells["inside"], strata, clients, repeats)
    inside = {keys[counts.keys[number // 2]]: result for number, result in results.items() if number % 2}
    rates = {group.key: (inside[group.key].rate, inside[group.key].interval) for group in report.groups}
    return replace(report, groups=_adjusted(report.groups, rates), adjusted_coverage=1.0, adjustment="full")


def _adjusted(groups: Sequence[Group], rates: AdjustedRates) -> list[Group]:
    return [replace(group, adjusted_value=rates[group.key][0], adjusted_ci95=rates[group.key][1]) for group in groups]


def _gap(groups: Sequence[Group], stratified: Sequence[Cell]) -> tuple[Group, Group, Decomposition] | None:
    """From the highest to the lowest of the groups that are no small samples."""
    rated = [group for group in groups if group.value is not None and not group.small_sample]
    if len(rated) < 2:
        return None
    order = attrgetter("value", "key")
    highest, lowest = max(rated, key=order), min(rated, key=order)
    parts = decompose(stratified, highest.key, lowest.key)
    return (highest, lowest, parts) if parts else None


def _with_funnel(report: Report, counts: GroupedCounts, keys: Mapping[str, str]) -> Report:
    """Over all of the chain's stores, whichever are asked for; worked out once for the same counts."""
    repeats, clients = (np.bincount(counts.cells["group"], counts.cells[name]) for name in counts.metric.proportion)
    pairs = zip(counts.keys, repeats.astype(int).tolist(), clients.astype(int).tolist(), strict=False)
    by_store = {keys[key]: (x, n) for key, x, n in pairs if n}
    if not by_store:
        return report
    key = cache_key("funnel", sorted(by_store.items()))
    compared, ranking = cast("tuple[Funnel, Ranking]", cache.get_or_set(key, lambda: _compared(by_store), KEPT_SECONDS))
    return replace(report, funnel=compared, ranking=ranking)


def _compared(counts: Mapping[str, tuple[int, int]]) -> tuple[Funnel, Ranking]:
    chain_rate = sum(x for x, _ in counts.values()) / sum(n for _, n in counts.values())
    return funnel(counts, chain_rate), rank_stores(counts)
