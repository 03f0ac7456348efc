"""The metrics as the dictionary page shows them, from what each declares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import BASES
from core.reporting.render.choices import BASIS_TITLES, SCOPE_TITLES


@dataclass(frozen=True)
class Entry:
    metric: Metric
    definition: Sequence[str]
    # What it is called, and what it is.
    facts: Sequence[tuple[str, str]]


def entries(data: Data) -> list[Entry]:
    return [Entry(metric, metric.explained(data), list(_facts(metric))) for metric in METRICS.values()]


def _facts(metric: Metric) -> Iterator[tuple[str, str]]:
    yield _("Value"), f"{metric.value_title} · {_compared(metric)}"
    figures = [str(figure.title) for figure in metric.figures]
    if figures:
        yield _("Shown with it"), _listed(figures)
    yield _("Count"), _listed(BASIS_TITLES[basis] for basis in BASES)
    yield _("Scope"), _listed(SCOPE_TITLES[scope] for scope in metric.scopes)
    if metric.horizons:
        yield _("Followed for"), _("%(days)s days") % {"days": _listed(sorted(metric.horizons))}
    yield _("Broken down by"), _listed(DIMENSIONS[by].title for by in metric.breakdowns if by != "none")
    if metric.takes_anonymous:
        yield _("Lines without a client"), _("count in revenue")
    yield _("In files and the API"), metric.code


def _compared(metric: Metric) -> str:
    """What may be done with the value."""
    return {
        "proportion": _("a share of clients with an interval; groups are tested, adjusted and ranked"),
        "curve": _("a rate with an interval; groups are set side by side"),
        "count": _("a number; everything is counted, so there is no interval"),
        "share": _("a share; groups are set side by side"),
    }[metric.kind]


def _listed(texts: Iterable[object]) -> str:
    return " · ".join(map(str, texts))
