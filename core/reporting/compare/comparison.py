"""Compares the groups of a report of a proportion: tests, adjusted rates, the parts of a gap, funnel and ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TypeVar, cast

from django.core.cache import cache

from core.reporting.compare.strata import Strata, knows_new_clients
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.grouped_counts import KEPT_SECONDS, GroupedCounts, cache_key
from core.reporting.metrics.base import Estimate
from core.reporting.question import NONE_KEY, Scope
from core.reporting.report import Adjustment, Gap, Group, Report
from core.reporting.statistics.funnel import Expected, at_one_rate, funnel
from core.reporting.statistics.homogeneity import LEVEL, GroupTest, chi_square, holm_pairs, store_test
from core.reporting.statistics.proportions import widened
from core.reporting.statistics.ranking import Ranking, rank_stores
from core.reporting.statistics.standardisation import decompose, direct

AnyEstimate = TypeVar("AnyEstimate", bound=Estimate)


def with_comparison(
    report: Report, counts: GroupedCounts, keys: Mapping[str, str], data: Data, *, ranked: bool = True
) -> Report:
    """Adds what the groups' kind allows. In scope `store` clients stand in several groups: nothing is compared.

    `counts` are of all of the chain's clients, also those outside the places asked for; `keys` gives a group's key.
    """
    dimension = DIMENSIONS[report.question.by]
    if counts.metric.kind != "proportion" or report.question.scope == "store" or counts.overlaps or not report.groups:
        return report
    report = _with_tests(report, counts, keys)
    if not counts.metric.is_adjusted or dimension.adjustment is None:
        return report
    strata = Strata(counts, keys, knows_new_clients(report.question.start, data.completeness.begins))
    if dimension.adjustment == "direct":
        return _directly_adjusted(report, strata)
    report = _indirectly_adjusted(report, strata)
    return _with_funnel(report, strata) if ranked else report


def _with_tests(report: Report, counts: GroupedCounts, keys: Mapping[str, str]) -> Report:
    """Groups made of stores are tested by the spread of their stores, others that share no client by chi-square."""
    kind = DIMENSIONS[report.question.by].test
    by_group = {group.key: (group.counts[counts.metric.proportion[0]], group.clients) for group in report.groups}
    if kind == "chi_square":
        return replace(report, test=chi_square(by_group), pairs=holm_pairs(by_group))
    if kind != "stores":
        return report
    test = store_test({keys[raw]: own for raw, own in counts.by_store().items()})
    if test is None:
        return replace(report, too_few_stores=len(by_group) > 1)
    groups = [_widened(group, test) for group in report.groups]
    return replace(report, test=test, pairs=holm_pairs(by_group, test.phi or 1.0), groups=groups)


def with_store_spread(counts: GroupedCounts, *, scope: Scope) -> Mapping[str, Estimate]:
    """The groups' estimates by raw key, with their intervals as a report gives them: allowing for how much the stores
    of a group differ."""
    estimates = counts.by_group
    test = store_test(counts.by_store()) if scope == "chain" and not counts.overlaps else None
    return {raw: _widened(one, test) for raw, one in estimates.items()} if test else estimates


def _widened(estimate: AnyEstimate, test: GroupTest) -> AnyEstimate:
    return replace(estimate, ci95=widened(estimate.ci95, estimate.value, test.widening))


def _directly_adjusted(report: Report, strata: Strata) -> Report:
    """The weights are the whole chain's, also where only some of its places are asked for."""
    cells = strata.cells()
    compared = {group.key for group in report.groups} - {NONE_KEY}
    result = direct(cells, compared, phi=report.test.phi or 1.0 if report.test else 1.0)
    rates = {key: (rate.rate, rate.interval) for key, rate in result.rates.items()}
    groups = [_adjusted(group, *rates.get(group.key, (None, None))) for group in report.groups]
    report = replace(
        report,
        groups=groups,
        adjustment=Adjustment(
            level=result.level,
            coverage=result.coverage,
            dropped=result.dropped,
            by_acquisition=strata.by_acquisition,
        ),
    )
    ends = _ends_of_gap(report)
    parts = decompose(cells, ends[0].key, ends[1].key) if ends else None
    return replace(report, gap=Gap(*ends, parts)) if ends and parts else report


def _indirectly_adjusted(report: Report, strata: Strata) -> Report:
    """What is expected comes from the whole chain, also where only some of its places are asked for."""
    found = strata.expected(inside=True)
    groups = [_adjusted(group, found[group.key].rate, found[group.key].interval) for group in report.groups]
    adjustment = Adjustment(level="full", coverage=1.0, by_acquisition=strata.by_acquisition)
    return replace(report, groups=groups, adjustment=adjustment)


def _adjusted(group: Group, rate: float | None, interval: tuple[float, float] | None) -> Group:
    return replace(group, adjusted_value=rate, adjusted_ci95=interval)


def _ends_of_gap(report: Report) -> tuple[Group, Group] | None:
    """The highest and the lowest of the groups that are compared; none where chance may have made the gap: of all
    groups together, or of these two."""
    rated = [g for g in report.groups if g.value is not None and not g.small_sample and g.key != NONE_KEY]
    if len(rated) < 2 or report.test is None or not report.test.beyond_chance:
        return None
    order = attrgetter("value", "key")
    highest, lowest = max(rated, key=order), min(rated, key=order)
    pairs = {frozenset((pair.group_1, pair.group_2)): pair.p_adjusted for pair in report.pairs}
    is_beyond_chance = pairs.get(frozenset((highest.key, lowest.key)), 0.0) < LEVEL
    return (highest, lowest) if is_beyond_chance else None


def _with_funnel(report: Report, strata: Strata) -> Report:
    """Over all of the chain's stores (or staff), whichever are asked for; stores are ranked, too."""
    found = strata.expected(inside=False)
    units = [
        Expected(key, one.clients, one.observed, one.expected, one.variance)
        for key, one in sorted(found.items())
        if key != NONE_KEY
    ]
    clients = sum(one.clients for one in found.values())
    rate = sum(one.observed for one in found.values()) / clients if clients else 0.0
    report = replace(report, funnel=funnel(units, rate), raw_funnel=funnel(at_one_rate(units, rate), rate))
    return replace(report, ranking=_ranking(units)) if report.question.by == "store" else report


def _ranking(stores: Sequence[Expected]) -> Ranking:
    """Worked out once for the same counts."""
    key = cache_key("ranking", [(s.key, s.clients, s.observed, s.expected) for s in stores])
    return cast("Ranking", cache.get_or_set(key, lambda: rank_stores(stores), KEPT_SECONDS))
