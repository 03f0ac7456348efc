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

from core.reporting.client_sums import ClientPlaces, added_up
from core.reporting.compare.periods import ComparedPeriods
from core.reporting.counting import DaysOfPeriod, Selection
from core.reporting.data import Data
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block
from core.reporting.facts.derivation import EPOCH, RATING_UNIT
from core.reporting.facts.reading import joined
from core.reporting.grouped_counts import cached, selection_of
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
    blocks = [_blocks(question, period, data) for period in (periods.current, periods.before)]
    places = ClientPlaces([block for of_period in blocks for block in of_period])
    names = (*SUMS, "visits", "clients", "ratings", "rating_count", "facts")
    after, before = (
        added_up([_happened(block, question, period, data) for block in of_period], places, names)
        for of_period, period in zip(blocks, (periods.current, periods.before), strict=True)
    )
    clients = int(((after["facts"] > 0) | (before["facts"] > 0)).sum())
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


def _selection(question: Question, period: Period, data: Data) -> Selection:
    return selection_of(replace(question, start=period.start, end=period.end), data)


def _blocks(question: Question, period: Period, data: Data) -> list[Block]:
    selection = _selection(question, period, data)
    names = sorted({*selection.columns(_READ), "client_id"})
    with data.reader() as reader:
        blocks = reader.read(names, start=period.start, end=period.end, of_categories=selection.of_categories)
    return list(joined(blocks))


def _happened(block: Block, question: Question, period: Period, data: Data) -> tuple[int, NDArray[np.integer], Columns]:
    """Sign, client ids, and what happened in the places asked for; `clients` is whose first day of the period was
    there."""
    selection = _selection(question, period, data)
    facts = DaysOfPeriod(block, selection).columns
    if question.is_placed:
        data.places.cover(facts["location_id"])
        inside = data.places.inside(question)[facts["location_id"]]
        facts = {name: column[inside] for name, column in facts.items()}
    found = happened(facts, selection)
    since = facts["day"].astype(np.int64) + block.month - (selection.start - EPOCH).days
    is_first = found["visit_days"] & (facts[selection.stream.prev] > since)
    return block.sign, facts["client_id"], {**found, "clients": is_first, "facts": np.ones(len(since), np.bool_)}
