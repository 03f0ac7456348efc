"""Addresses of questions: every view is a link that can be kept and shared."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import NONE_KEY, Question
from core.reporting.report import Group

_NAMES = {"start": "from", "end": "to"}
_DEFAULTS = {"by": "city_tier", "scope": "chain", "basis": "visit", "compare": "year_before"}


def query(question: Question, **changes: Any) -> str:
    """`?from=…&to=…&by=…` of the question with some of its parts changed; None leaves a part out."""
    return "?" + urlencode(_parts({**vars(question), **changes}))


def parts(question: Question, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The same as name and value pairs, for hidden fields of a form."""
    return [(name, value) for name, value in _parts(vars(question)) if name not in without]


def _parts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The metric is in the path; its usual horizon goes without saying."""
    metric = METRICS[values["metric"]]
    defaults = {**_DEFAULTS, "metric": metric.code, "within": next(iter(metric.horizons), None)}
    return [
        (_NAMES.get(field, field), str(value))
        for field, value in values.items()
        if field != "visible" and value is not None and value != defaults.get(field)
    ]


def page(name: str, question: Question) -> str:
    """The path of one of the metric's pages, without the query."""
    return reverse(f"reports:{name}", args=[METRICS[question.metric].slug])


def report_page(question: Question) -> str:
    return page("overview", question) + query(question)


def other_metric(question: Question, metric: Metric) -> Question:
    by = question.by if question.by in metric.breakdowns else "none"
    return replace(question, metric=metric.code, within=next(iter(metric.horizons), None), by=by)


def down(question: Question, group: Group) -> str:
    """Region or tier → its cities → their stores → the store; a category or member tier → its city tiers."""
    dimension = DIMENSIONS[question.by]
    if group.key == NONE_KEY:
        return ""
    if question.by == "store":
        return store_pages(question)(group.key)
    if dimension.down is None:
        return ""
    return query(question, by=dimension.down, **{question.by: group.key})


def store_pages(question: Question) -> Callable[[str], str]:
    """From a store's code to its page."""
    metric, suffix = METRICS[question.metric], query(question, by="city_tier", store=None)
    return lambda code: reverse("stores:detail", kwargs={"code": code, "metric": metric}) + suffix


def clients(question: Question, group: Group | None = None) -> str:
    """The list of the clients counted in a group, or in the total."""
    address = page("clients", question)
    if group is None or question.by == "none":
        return address + query(question, by="city_tier")
    if question.by in ("staff", "acquisition"):
        return address + query(question) + "&" + urlencode({"group": group.key})
    return address + query(question, by="city_tier", **{question.by: group.key})
