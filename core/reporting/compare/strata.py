"""Strata of clients alike in first category, new or returning, and third of the period (fair comparison of groups)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.reporting.cells import Cells
from core.reporting.grouped_counts import GroupedCounts
from core.reporting.statistics.standardisation import Cell, IndirectResult, indirect

# No place is called so.
OUTSIDE = "\0"
# Data that begins later than so many days before a period cannot tell new clients from returning ones.
HISTORY = timedelta(days=365)


def knows_new_clients(start: date, begins: date | None) -> bool:
    """Whether the data begins early enough before the period."""
    return begins is not None and begins <= start - HISTORY


@dataclass(frozen=True)
class Strata:
    """A question's counts by group and stratum, of all the chain's clients; `keys` gives a group's key.

    `by_acquisition`: whether new and returning clients are told apart.
    """

    counts: GroupedCounts
    keys: Mapping[str, str]
    by_acquisition: bool

    def cells(self) -> list[Cell]:
        """Those outside the places asked for are of no group that is compared."""
        cells, (repeats, clients) = self.counts.cells, self.counts.metric.proportion
        columns = (cells["group"], cells["inside"], cells["lead_category_id"], self._is_new(cells), cells["third"])
        rows = zip(*(column.tolist() for column in (*columns, cells[repeats], cells[clients])), strict=True)
        return [
            Cell(self.keys[self.counts.keys[group]] if inside else OUTSIDE, (str(category), bool(new), third), n, x)
            for group, inside, category, new, third, x, n in rows
        ]

    def expected(self, *, inside: bool) -> dict[str, IndirectResult]:
        """By key, repeats of the groups' clients against those expected from all the chain's: of their clients in the
        places asked for, or wherever they are."""
        cells, (repeats, clients) = self.counts.cells, self.counts.metric.proportion
        strata = (cells["lead_category_id"] * 2 + self._is_new(cells)) * 3 + cells["third"]
        # Of a group, clients of the places asked for and others are apart.
        groups = cells["group"] * 2 + (cells["inside"] if inside else 1)
        results = indirect(groups, strata, cells[clients], cells[repeats])
        return {self.keys[self.counts.keys[number // 2]]: found for number, found in results.items() if number % 2}

    def _is_new(self, cells: Cells) -> NDArray[np.int64]:
        return cells["is_new"] if self.by_acquisition else np.zeros_like(cells["is_new"])
