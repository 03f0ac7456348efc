"""Numbers and dates for people."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from core.shared import figures


@pytest.mark.parametrize(
    ("show", "value", "english", "chinese"),
    [
        (figures.percent, 0.42, "42.0\N{NO-BREAK SPACE}%", "42.0%"),
        (figures.percent, None, "–", "–"),
        (figures.interval, (0.407, 0.433), "40.7–43.3", "40.7–43.3"),
        (figures.points, 0.049, "+4.9", "+4.9"),
        (figures.points, -0.049, "−4.9", "−4.9"),
        (figures.points, -0.0001, "0.0", "0.0"),
        (figures.count, 12850, "12,850", "12,850"),
        (figures.money, Decimal("-1234.5"), "−1,234.50", "−1,234.50"),
        (figures.day, date(2025, 12, 31), "31 Dec 2025", "2025年12月31日"),
        (figures.month, date(2025, 12, 1), "Dec 2025", "2025年12月"),
        (figures.short_month, date(2025, 1, 1), "Jan 25", "25年1月"),
        (figures.p_value, 0.0004, "< 0.001", "< 0.001"),
        (figures.p_value, 0.0321, "= 0.032", "= 0.032"),
    ],
)
def test_figures(show: Callable[[Any], str], value: Any, english: str, chinese: str) -> None:
    with translation.override("en"):
        assert show(value) == english
    with translation.override("zh-hans"):
        assert show(value) == chinese
