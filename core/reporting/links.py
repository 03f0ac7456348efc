"""Addresses of questions: every view is a link that can be kept and shared."""

from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlencode

from core.reporting.report import Question

_NAMES = {"start": "from", "end": "to"}
_DEFAULTS = {"by": "city_tier", "scope": "chain", "basis": "visit"}


def query(question: Question, **changes: Any) -> str:
    """`?from=…&to=…&by=…` of the question with some of its parts changed; None leaves a part out."""
    changed = replace(question, **changes)
    pairs = {}
    for field in fields(Question):
        value = getattr(changed, field.name)
        if value is not None and value != _DEFAULTS.get(field.name):
            pairs[_NAMES.get(field.name, field.name)] = str(value)
    return "?" + urlencode(pairs)


def parts(question: Question, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The same as name and value pairs, for hidden fields of a form."""
    pairs = []
    for field in fields(Question):
        name = _NAMES.get(field.name, field.name)
        value = getattr(question, field.name)
        if value is not None and value != _DEFAULTS.get(field.name) and name not in without:
            pairs.append((name, str(value)))
    return pairs
