"""Which layouts of facts the chain has, and which of them answers: see `facts.layout`."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.layout import LAYOUTS

# A query for the number of the layout that answers, with `layouts_with` as its parameter; null where there is none.
ANSWERING = "SELECT max(layout) AS layout FROM reporting_factlayout WHERE is_complete AND layout = ANY(%s)"


@dataclass(frozen=True)
class Kept:
    """A layout that writers keep current: of all clients, or of those that the builder has come to."""

    layout: int
    # None: of all clients.
    built_through: int | None

    def of_kept_clients(self, facts: Columns) -> Columns:
        if self.built_through is None:
            return facts
        there: np.ndarray[tuple[int], np.dtype[np.bool_]] = facts["client_id"] <= self.built_through
        return {name: column[there] for name, column in facts.items()}


def layouts_with(names: Iterable[str]) -> list[int]:
    """Those that have all these columns."""
    wanted = set(names)
    return [number for number, columns in LAYOUTS.items() if columns.keys() >= wanted]


def kept_layouts(cursor: CursorWrapper) -> list[Kept]:
    """What a writer of facts has to write; asked when the clients are locked, and so no one builds theirs.

    A layout of a later release goes off the list: nothing here can keep it current. Who knows it builds it anew.
    """
    cursor.execute("SELECT layout, built_through, is_complete FROM reporting_factlayout ORDER BY layout")
    listed = cursor.fetchall()
    if unknown := [layout for layout, _through, _complete in listed if layout not in LAYOUTS]:
        cursor.execute("DELETE FROM reporting_factlayout WHERE layout = ANY(%s)", [unknown])
    return [Kept(layout, None if complete else through) for layout, through, complete in listed if layout in LAYOUTS]
