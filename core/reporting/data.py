"""What the answers of one request are made from, looked up once."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property, reduce
from operator import xor
from typing import Any

from core.reporting.cells import Cells
from core.reporting.completeness import Completeness, completeness
from core.reporting.counting import Selection
from core.reporting.facts.layout import layouts_with
from core.reporting.facts.reading import BlockReader, KnownColumns
from core.reporting.places import Places
from core.reporting.spend_thresholds import SpendThresholds, spend_thresholds
from core.reporting.store_groups import StoreGroups, read_store_groups
from core.shared.replica import report_cursor


class Data:
    """How far the chain's data reaches, where its stores are, and which version of the facts there is."""

    def __init__(self) -> None:
        self.places = Places()
        # Cells that were counted for this request, by metric and selection.
        self.cells: dict[tuple[str, Selection], Cells] = {}
        # What was worked out for it, by key.
        self.worked_out: dict[object, Any] = {}
        self.known_columns = KnownColumns()

    @contextmanager
    def reader(self) -> Iterator[BlockReader]:
        """Of this request's facts."""
        with report_cursor() as cursor:
            yield BlockReader(cursor, self.known_columns)

    @cached_property
    def store_groups(self) -> StoreGroups:
        return read_store_groups()

    @cached_property
    def completeness(self) -> Completeness:
        return completeness()

    @cached_property
    def thresholds(self) -> SpendThresholds:
        return spend_thresholds()

    @cached_property
    def _state(self) -> tuple[set[int], list[tuple[date, int]]]:
        """Layouts that answer, and the changes of facts, as one moment has them."""
        with report_cursor() as cursor:
            cursor.execute(
                "SELECT layout, NULL::date, NULL::bigint FROM reporting_factlayout WHERE is_complete "
                "UNION ALL SELECT NULL, day, number FROM reporting_factchange"
            )
            rows = cursor.fetchall()
        return {row[0] for row in rows if row[0]}, [(day, number) for layout, day, number in rows if not layout]

    @cached_property
    def _places_version(self) -> str:
        return hashlib.sha256(repr(sorted(self.places.by_id.items())).encode()).hexdigest()[:16]

    def version(self, columns: Iterable[str], end: date) -> str:
        """Differs wherever counts of these columns before `end` may differ; empty where no stored facts have them."""
        complete, changes = self._state
        answering = complete.intersection(layouts_with(columns))
        if not answering:
            return ""
        told = reduce(xor, (number for day, number in changes if day < end), 0)
        return f"{max(answering)}:{told}:{self._places_version}"
