"""Days of clients as the metrics count them, read from the facts a quarter at a time."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.exports.pseudonyms import Pseudonyms
from core.reporting.completeness import completeness
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import mask_of
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.reading import BlockReader
from core.reporting.history import read_facts
from core.reporting.periods import add_months
from core.reporting.places import Places

# Read, and turned into rows, which take many times the memory.
MONTHS_AT_ONCE, ROWS_AT_ONCE = 3, 20_000
_READ = (
    "flags", "is_new_visit", "is_new_purchase", "lead_category_id", "staff_id", "member_tier_id", "visits",
    "net_revenue", "consumed_value",
)  # fmt: skip


def visit_days(cursor: CursorWrapper, pseudonyms: Pseudonyms) -> Iterator[Sequence[Any]]:
    """In the order of days; None and empty texts are what is not there."""
    data, places = completeness(), Places()
    if data.begins is None or not data.through:
        return
    start, last = data.begins.replace(day=1), max(data.through.values())
    while start <= last:
        end = add_months(start, MONTHS_AT_ONCE)
        facts = read_facts(BlockReader(cursor), _READ, start=start, end=end, of_categories=False)
        if len(facts["day"]):
            places.cover(facts["location_id"])
            order = np.lexsort((facts["location_id"], facts["client_id"], facts["day"]))
            for first in range(0, len(order), ROWS_AT_ONCE):
                some = order[first : first + ROWS_AT_ONCE]
                yield from _rows({name: column[some] for name, column in facts.items()}, places, pseudonyms)
        start = end


def _rows(facts: Columns, places: Places, pseudonyms: Pseudonyms) -> Iterator[Sequence[Any]]:
    return zip(
        pseudonyms.of_each("client", facts["client_id"]),
        [(EPOCH + timedelta(days=day)).isoformat() for day in facts["day"].tolist()],
        places.store[facts["location_id"]].tolist(),
        facts["location_id"].tolist(),
        *(_truth(_has(facts, flag)) for flag in ("is_visit", "is_lead", "is_chain_purchase")),
        *(_truth(facts[name] > 0) for name in ("is_new_visit", "is_new_purchase")),
        [category or None for category in facts["lead_category_id"].tolist()],
        pseudonyms.of_each("staff", facts["staff_id"]),
        [tier or None for tier in facts["member_tier_id"].tolist()],
        facts["visits"].tolist(),
        *([f"{amount / 100:.2f}" for amount in facts[name].tolist()] for name in ("net_revenue", "consumed_value")),
        strict=True,
    )


def _has(facts: Columns, flag: str) -> NDArray[np.bool_]:
    return np.asarray((facts["flags"] & np.uint8(mask_of([flag]))) > 0)


def _truth(flags: NDArray[np.bool_]) -> list[str]:
    return ["true" if flag else "false" for flag in flags.tolist()]
