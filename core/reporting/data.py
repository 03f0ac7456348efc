"""What the answers of one request are made from, looked up once."""

import hashlib
from collections.abc import Iterable
from functools import cached_property

from core.reporting.cells import Cells
from core.reporting.completeness import Completeness, completeness
from core.reporting.counting import Selection
from core.reporting.facts.layout import layouts_with
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
    def _versions(self) -> dict[int, str]:
        """By layout. Writers only add blocks, so that there are more of them after each, whatever the order of their
        commits; folding them gives new ids."""
        with report_cursor() as cursor:
            cursor.execute(
                "SELECT layout, max(id), count(id) FROM reporting_factlayout "
                "LEFT JOIN reporting_factblock USING (layout) WHERE is_complete GROUP BY layout"
            )
            return {layout: f"{layout}:{latest}:{blocks}" for layout, latest, blocks in cursor.fetchall()}

    @cached_property
    def _places_version(self) -> str:
        return hashlib.sha256(repr(sorted(self.places.by_id.items())).encode()).hexdigest()[:16]

    def version(self, columns: Iterable[str]) -> str:
        """Differs wherever counts of these columns may differ; empty where no stored facts have them."""
        answering = [layout for layout in layouts_with(columns) if layout in self._versions]
        return f"{self._versions[max(answering)]}:{self._places_version}" if answering else ""
