"""How far chance reaches in the change of revenue, averages and ratings: a bootstrap over clients, in closed form.

Drawing the clients of both periods again with replacement gives a total's change the variance n · Var(d) of what each
client adds to it, and a quotient's change that of its linearisation (Efron, B., Tibshirani, R. J. (1993), An
Introduction to the Bootstrap, 5.2 and 21): no draws are needed, and the answer is the same each time.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.reporting.compare.periods import ComparedPeriods
from core.reporting.counting import Selection
from core.reporting.data import Data
from core.reporting.facts.arrays import compact
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH, RATING_UNIT
from core.reporting.grouped_counts import cached, selection_of
from core.reporting.history import read_facts
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.volumes import happened
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.statistics.proportions import Z
from core.shared.replica import report_cursor

COUNTS = ("clients", "new_clients", "visits", "visit_days")
SUMS = ("net_revenue", "consumed_value")
# Of what by what, as `metrics.volumes` has them.
QUOTIENTS: Mapping[str, tuple[str, str]] = {
    "average_visit": ("client_revenue", "visits"),
    "average_client": ("client_revenue", "clients"),
    "mean_rating": ("ratings", "rating_count"),
}
_READ = ("visits", "net_revenue", "consumed_value", "ratings", "rating_count", "flags")
_Floats = NDArray[np.float64]


def half_intervals(
    question: Question, periods: ComparedPeriods, data: Data, after: Estimate, before: Estimate
) -> dict[str, float]:
    """By figure of `volumes`, half of the 95 % interval of the total's change: of counts as of Poisson counts, of
    others over clients; lines without a client are taken as certain, and clients of one member tier have none."""
    counts = {name: Z * math.sqrt(after.counts[name] + before.counts[name]) for name in COUNTS}
    if question.member_tier is not None:
        return counts
    asked = replace(question, by="none")
    return {**counts, **cached("amounts", asked, data, lambda: _worked_out(asked, periods, data), of=periods)}


def _worked_out(question: Question, periods: ComparedPeriods, data: Data) -> dict[str, float]:
    parts = [_rows(question, period, data) for period in (periods.current, periods.before)]
    numbers, size = compact(np.concatenate([part["client_id"] for part in parts]))
    ends = np.cumsum([len(part["client_id"]) for part in parts])
    whose = np.split(numbers, ends[:-1])
    names = (*SUMS, "client_revenue", "visits", "clients", "ratings", "rating_count")
    after, before = (
        {name: np.bincount(own, part[name], size).astype(np.float64) for name in names}
        for own, part in zip(whose, parts, strict=True)
    )
    seen = np.zeros(size, np.bool_)
    seen[numbers] = True
    clients = int(seen.sum())
    variances = {name: _of_sum(after[name] - before[name], clients) for name in SUMS}
    for name, (top, bottom) in QUOTIENTS.items():
        variances[name] = float(((_linear(after, top, bottom) - _linear(before, top, bottom)) ** 2).sum())
    scale = {"mean_rating": 1 / RATING_UNIT}
    return {name: Z * math.sqrt(variance) * scale.get(name, 1.0) for name, variance in variances.items()}


def _of_sum(added: _Floats, clients: int) -> float:
    return float((added**2).sum() - added.sum() ** 2 / clients) if clients else 0.0


def _linear(sums: Mapping[str, _Floats], top: str, bottom: str) -> _Floats:
    """What each client adds to the error of the quotient."""
    whole = sums[bottom].sum()
    if not whole:
        return np.zeros(len(sums[bottom]))
    return np.asarray((sums[top] - sums[top].sum() / whole * sums[bottom]) / whole, np.float64)


def _rows(question: Question, period: Period, data: Data) -> Columns:
    """What happened in the places asked for, and whose first day of the period was there."""
    selection = selection_of(replace(question, start=period.start, end=period.end), data)
    with report_cursor() as cursor:
        names = selection.columns(_READ)
        facts = read_facts(cursor, names, start=period.start, end=period.end, of_categories=selection.of_categories)
    if selection.category_id is not None:
        own = facts["category_id"] == selection.category_id
        facts = {name: column[own] for name, column in facts.items()}
    if question.is_placed:
        data.places.cover(facts["location_id"])
        inside = data.places.inside(question)[facts["location_id"]]
        facts = {name: column[inside] for name, column in facts.items()}
    found = happened(facts, selection)
    return {**found, "client_id": facts["client_id"], "clients": _is_first(facts, found, selection)}


def _is_first(facts: Columns, found: Columns, selection: Selection) -> NDArray[np.bool_]:
    since = facts["day"] - (selection.start - EPOCH).days
    return np.asarray(found["visit_days"] & (facts[selection.stream.prev] > since))
