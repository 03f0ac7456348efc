"""Which layouts of facts the chain has, and which of them answers: see `facts.layout`."""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from core.reporting.facts.layout import LAYOUTS

# A query for the number of the layout that answers, with `layouts_with` as its parameter; null where there is none.
ANSWERING = "SELECT max(layout) AS layout FROM reporting_factlayout WHERE is_complete AND layout = ANY(%s)"


def layouts_with(names: Iterable[str]) -> list[int]:
    """Those that have all these columns."""
    wanted = set(names)
    return [number for number, columns in LAYOUTS.items() if columns.keys() >= wanted]


def is_stored(cursor: CursorWrapper, names: Iterable[str]) -> bool:
    """Whether a layout answers what needs these columns."""
    cursor.execute(ANSWERING, [layouts_with(names)])
    return bool(cursor.fetchone() != (None,))


def listed_layouts(cursor: CursorWrapper) -> list[int]:
    """What a writer of facts has to write; asked while it holds the lock of writers, so that none joins the list.

    A layout of a later release goes off the list: nothing here can keep it current. Who knows it builds it anew.
    """
    cursor.execute("SELECT layout FROM reporting_factlayout ORDER BY layout")
    listed = [layout for (layout,) in cursor.fetchall()]
    if unknown := [layout for layout in listed if layout not in LAYOUTS]:
        cursor.execute("DELETE FROM reporting_factlayout WHERE layout = ANY(%s)", [unknown])
    return [layout for layout in listed if layout in LAYOUTS]
