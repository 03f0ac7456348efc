"""Whether groups differ beyond chance and beyond whom they serve: tests, adjusted rates, funnel and ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.reporting.cells import CountedCells
from core.reporting.report import Group, Interval, Report
from core.reporting.statistics.funnel import funnel
from core.reporting.statistics.homogeneity import chi_square, holm_pairs
from core.reporting.statistics.standardisation import Cell, Decomposition, decompose, direct, indirect

# No place is called so.
_OUTSIDE = "\0"
AdjustedRates = Mapping[str, tuple[float | None, Interval | None]]


def with_comparison(report: Report, counted: CountedCells, keys: Mapping[str, str], *, ranked: bool = True) -> Report:
    """Adds what the groups' kind allows. In scope `store` clients stand in several groups: nothing is compared.

    `counted` are all of the chain's clients, also those outside the places asked for; `keys` gives a group's key.
    """
    if report.question.scope == "store":
        return report
    report = _with_tests(report)
    match report.question.by:
        case "city_tier" | "region":
            return _directly_adjusted(report, counted, keys)
        case "store":
            report = _indirectly_adjusted(report, counted, keys)
            return _with_funnel(report, counted, keys) if ranked else report
        case "staff":
            return _indirectly_adjusted(report, counted, keys)
        case _:
            return report


def _with_tests(report: Report) -> Report:
    """Groups that share no client are tested; categories share clients."""
    if not report.additive or report.question.by == "none":
        return report
    counts = {group.key: (group.repeat_clients, group.clients) for group in report.groups}
    return replace(report, chi_square=chi_square(list(counts.values())), pairs=holm_pairs(counts))


def _stratified(counted: CountedCells, keys: Mapping[str, str]) -> list[Cell]:
    """Cells of all the chain; those outside the places asked for are of no group that is compared."""
    columns = ("group", "inside", "lead_category_id", "is_new", "third", "clients", "repeats")
    rows = zip(*(counted.cells[name].tolist() for name in columns), strict=True)
    return [
        Cell(keys[counted.keys[group]] if inside else _OUTSIDE, (str(category), bool(is_new), third), clients, repeats)
        for group, inside, category, is_new, third, clients, repeats in rows
    ]


def _directly_adjusted(report: Report, counted: CountedCells, keys: Mapping[str, str]) -> Report:
    """The weights are the whole chain's, also where only some of its places are asked for."""
    if not report.groups:
        return report
    stratified = _stratified(counted, keys)
    result = direct(stratified, compared={group.key for group in report.groups})
    rates = {key: (found.rate, found.interval) if found else (None, None) for key, found in result.rates.items()}
    return replace(
        report,
        groups=_adjusted(report.groups, rates),
        adjusted_coverage=result.coverage,
        adjustment=result.level,
        adjustment_limited_by=result.limiting_group,
        gap=_gap(report.groups, stratified) if report.chi_square and report.chi_square.beyond_chance else None,
    )


def _indirectly_adjusted(report: Report, counted: CountedCells, keys: Mapping[str, str]) -> Report:
    """What is expected comes from the whole chain, also where only some of its places are asked for."""
    if not report.groups:
        return report
    cells = counted.cells
    strata = (cells["lead_category_id"] * 2 + cells["is_new"]) * 3 + cells["third"]
    # Of a group, clients of the places asked for and others are compared apart.
    found = indirect(cells["group"] * 2 + cells["inside"], strata, cells["clients"], cells["repeats"])
    inside = {keys[counted.keys[number // 2]]: result for number, result in found.items() if number % 2}
    rates = {group.key: (inside[group.key].rate, inside[group.key].interval) for group in report.groups}
    return replace(report, groups=_adjusted(report.groups, rates), adjusted_coverage=1.0, adjustment="full")


def _adjusted(groups: Sequence[Group], rates: AdjustedRates) -> list[Group]:
    names = ("adjusted_rate", "adjusted_ci95")
    return [Group(**{**vars(group), **dict(zip(names, rates[group.key], strict=True))}) for group in groups]


def _gap(groups: Sequence[Group], stratified: Sequence[Cell]) -> tuple[str, str, Decomposition] | None:
    """From the highest to the lowest of the groups that are no small samples."""
    rated = [(group.rate, group.key) for group in groups if group.rate is not None and not group.small_sample]
    if len(rated) < 2:
        return None
    highest, lowest = max(rated)[1], min(rated)[1]
    parts = decompose(stratified, highest, lowest)
    return (highest, lowest, parts) if parts else None


def _with_funnel(report: Report, counted: CountedCells, keys: Mapping[str, str]) -> Report:
    """Over all of the chain's stores, whichever are asked for."""
    # The optimiser behind it takes half a second to import, which other breakdowns need not wait for.
    from core.reporting.statistics.ranking import rank_stores

    cells = counted.cells
    repeats, clients_of = (np.bincount(cells["group"], cells[name]).astype(int) for name in ("repeats", "clients"))
    pairs = zip(counted.keys, repeats.tolist(), clients_of.tolist(), strict=False)
    counts = {keys[key]: (x, n) for key, x, n in pairs if n}
    clients = sum(n for _, n in counts.values())
    if not clients:
        return report
    chain_rate = sum(x for x, _ in counts.values()) / clients
    return replace(report, funnel=funnel(counts, chain_rate), ranking=rank_stores(counts))
