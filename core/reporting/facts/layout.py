"""What layouts of facts there are, which of them a chain has, and which answers.

A layout is a number and the columns that it stores. All that is stored carries its layout's number, so that nothing is
read as what it is not. What a column means never changes: what means something else gets another name, and a new flag a
column of flags of its own.

To store more of a fact: add it to `facts.derivation.FACT`, its column to `FactBlock` (with `null=True`), and here a
layout with the next number. Each chain builds it in the background, see `facts.building`.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from django.db.backends.utils import CursorWrapper

# How a column is stored in a block: the day as its place in the month, days before and after as gaps, numbers without
# and amounts with a sign, in as few bytes as they need; flags as bits.
Kind = Literal["day", "flags", "number", "amount", "day before", "day after"]

# In the order of their bits.
FLAGS = ("is_lead", "is_first_visit", "is_first_purchase", "is_chain_purchase", "is_store_purchase", "is_visit")

_FIRST: Mapping[str, Kind] = {
    "day": "day",
    "flags": "flags",
    "client_id": "number",
    "category_id": "number",
    "location_id": "number",
    "lead_category_id": "number",
    "staff_id": "number",
    "member_tier_id": "number",
    "chain_visit_next_location_id": "number",
    "chain_purchase_next_location_id": "number",
    "chain_visit_prev": "day before",
    "chain_purchase_prev": "day before",
    "store_visit_prev": "day before",
    "store_purchase_prev": "day before",
    "chain_visit_next": "day after",
    "chain_purchase_next": "day after",
    "store_visit_next": "day after",
    "store_purchase_next": "day after",
    "staff_next": "day after",
    "net_revenue": "amount",
    "consumed_value": "amount",
    "rating_sum": "number",
    "rating_count": "number",
}
_SECOND: Mapping[str, Kind] = {**_FIRST, "lead_service_id": "number"}
_THIRD: Mapping[str, Kind] = {
    **{name: kind for name, kind in _SECOND.items() if name != "rating_sum"},
    "ratings": "number",
    "first_rating": "number",
    "is_first_rated": "number",
    "visits": "number",
}
LAYOUTS: dict[int, Mapping[str, Kind]] = {
    1: _FIRST,
    # With each client's last visit beside the facts: see `facts.recent_days`.
    2: _SECOND,
    # Written together with what has no client: see `facts.anonymous`.
    3: _THIRD,
    # Who is new by the day on which the record was opened, too.
    4: {**_THIRD, "is_new_visit": "number", "is_new_purchase": "number"},
}
KINDS: dict[str, Kind] = {name: kind for columns in LAYOUTS.values() for name, kind in columns.items()}
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
