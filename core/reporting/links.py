"""Addresses of questions: every view is a link that can be kept and shared."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from core.reporting.report import Question

_NAMES = {"start": "from", "end": "to"}
_DEFAULTS = {"by": "city_tier", "scope": "chain", "basis": "visit"}


def query(question: Question, **changes: Any) -> str:
    """`?from=…&to=…&by=…` of the question with some of its parts changed; None leaves a part out."""
    return "?" + urlencode(_parts({**vars(question), **changes}))


def parts(question: Question, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The same as name and value pairs, for hidden fields of a form."""
    return [(name, value) for name, value in _parts(vars(question)) if name not in without]


def _parts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_NAMES.get(field, field), str(value))
        for field, value in values.items()
        if value is not None and value != _DEFAULTS.get(field)
    ]
