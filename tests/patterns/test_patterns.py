"""No regular expression of the product takes longer than a text is long, whatever the text and however it is used."""

import re
from typing import Any

import pytest

from tests.patterns.collecting import all_patterns
from tests.patterns.worst import worst_texts
from tests.plugins.cpu import TooMuchWorkError, cpu_limit

LENGTH = 20_000
# What is linear takes hundredths of this for one text; the square of the length takes many times as long.
SECONDS = 0.5


def is_linear(pattern: re.Pattern[Any], length: int = LENGTH) -> bool:
    empty: Any = b"" if isinstance(pattern.pattern, bytes) else ""
    try:
        for text in worst_texts(pattern, length):
            # The second goes on after each match, and so does all that searching does.
            for use in (pattern.fullmatch, lambda one: pattern.sub(empty, one)):
                with cpu_limit(SECONDS):
                    use(text)
    except TooMuchWorkError:
        return False
    return True


@pytest.mark.parametrize(
    ("pattern", "linear"),
    [
        (r"[-+\d.,:/\s]*\d[-+\d.,:/\s]*", False),
        (r"(?P<sign>[-+]?)\s*(?:CNY)?\s*(?P<digits>\d+)", False),
        (r"\bVersion/(\d+)[\d.]* Safari/", False),
        (r".*\d:\d.*(?:Z|[-+]\d{2}:?\d{2})\s*", False),
        (r"(?:a|a)*b", False),
        (r"(?:ab+)+c", False),
        (r"[^@\s]+@[^@\s]+", False),
        (r"x\s+$", True),
        (r"[a-z]+[0-9]+!", False),
        (r"\A[a-z](?:-?[a-z0-9])*\Z", True),
        (r"\d{1,3}(?:\.\d{3})+", True),
        (r"\r\n|\n|\r", True),
    ],
)
def test_what_is_not_linear_is_told(pattern: str, linear: bool) -> None:
    assert is_linear(re.compile(pattern)) is linear


def test_patterns_are_collected_wherever_they_are() -> None:
    places = [place for place, _pattern in all_patterns()]
    for known in (
        "core.shared.origin._BROWSERS",
        "core/imports/services/headings.py",
        "billing/fapiao.py",
        "urls_tenant",
    ):
        assert any(place.startswith((known, "config." + known)) for place in places), known
    assert len(places) > 150


@pytest.mark.slow
def test_every_pattern_of_the_product_is_linear() -> None:
    endless = [f"{place}: {pattern.pattern!r}" for place, pattern in all_patterns() if not is_linear(pattern)]
    assert not endless, "\n".join(endless)
