"""Reads what facts add up to back out of the blocks that answer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.reading import BlockReader
from tests.core.reporting.plain import plain_sums

SUMS = ("net_revenue", "consumed_value", "ratings", "rating_count", "visits")
# By client and day, all stores and categories together.
ClientDays = dict[tuple[int, date], tuple[int, ...]]


def stored_sums(names: Sequence[str] = SUMS) -> ClientDays:
    sums: dict[tuple[int, date], tuple[int, ...]] = defaultdict(lambda: (0,) * len(names))
    with connection.cursor() as cursor:
        blocks = BlockReader(cursor).read(
            ("client_id", "day", *names), start=date(1950, 1, 1), end=date(2090, 1, 1), of_categories=False
        )
    for block in blocks:
        rows = zip(*(block.columns[name].tolist() for name in ("client_id", "day", *names)), strict=True)
        for client, day, *values in rows:
            key = client, EPOCH + timedelta(days=block.month + day)
            sums[key] = tuple(sum_ + block.sign * value for sum_, value in zip(sums[key], values, strict=True))
    return {key: values for key, values in sums.items() if any(values)}


def visit_sums() -> ClientDays:
    """The same by plain counting."""
    sums: dict[tuple[int, date], tuple[int, ...]] = defaultdict(lambda: (0,) * len(SUMS))
    for (client, category, day, _store), of_fact in plain_sums().items():
        if category is None:
            values = tuple(getattr(of_fact, name) for name in SUMS)
            sums[client, day] = tuple(map(sum, zip(sums[client, day], values, strict=True)))
    return {key: values for key, values in sums.items() if any(values)}


def without_amounts() -> dict[str, str]:
    """A former layout, which had no amounts and ratings."""
    return {name: kind for name, kind in LAYOUTS[max(LAYOUTS)].items() if name not in SUMS}
