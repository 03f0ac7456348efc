"""The kept lines of clients as arrays, in the order that decides which visit of a day is the first."""

import numpy as np
from django.db.backends.utils import CursorWrapper

from core.reporting.services.rows import Columns, unpacked

# A line: days are counted from 2000-01-01, `paid` is in hundredths and 0 for what was paid from a card, 0 is no staff
# and no tier.
LINE = np.dtype(
    [
        ("client_id", "i8"),
        ("day", "i4"),
        ("store_id", "i4"),
        ("category_id", "i4"),
        ("staff_id", "i4"),
        ("paid", "i8"),
        ("location_id", "i4"),
        ("member_tier_id", "i4"),
    ]
)

_SELECT = """
    SELECT v.client_id, v.day - DATE '2000-01-01', v.store_id::int, l.category_id::int, coalesce(l.staff_id, 0)::int,
           CASE WHEN l.paid_by_card THEN 0 ELSE (l.amount * 100)::bigint END, location.id::int,
           coalesce(tier.tier_id, 0)::int
    FROM {clients}
    JOIN visits_visit v ON v.client_id = a.client_id
    JOIN visits_visitline l ON l.visit_id = v.id
    {places}
    WHERE v.voided_at IS NULL AND l.quantity > 0
    ORDER BY v.client_id, v.day, v.start_time, s.place, v.id, l.id"""

_OF_FEW = _SELECT.format(
    clients="unnest(%s::bigint[]) AS a (client_id)",
    places="""JOIN (SELECT id, code COLLATE "C" AS place FROM stores_store) s ON s.id = v.store_id
    JOIN LATERAL (
        SELECT id FROM stores_storelocation WHERE store_id = v.store_id AND valid_from <= v.day
        ORDER BY valid_from DESC LIMIT 1
    ) location ON true
    LEFT JOIN LATERAL (
        SELECT tier_id FROM membership_clienttier WHERE client_id = v.client_id AND valid_from <= v.day
        ORDER BY valid_from DESC LIMIT 1
    ) tier ON true""",
)

# Of many, hashes of periods are quicker than a look at each line's.
_PERIODS = """
    WITH client AS MATERIALIZED (SELECT client_id FROM {clients}), store AS (
        SELECT id, row_number() OVER (ORDER BY code COLLATE "C") AS place FROM stores_store
    ), location AS (
        SELECT id, store_id, valid_from,
               lead(valid_from, 1, 'infinity') OVER (PARTITION BY store_id ORDER BY valid_from) AS valid_to
        FROM stores_storelocation
    ), tier AS (
        SELECT t.client_id, t.tier_id, t.valid_from,
               lead(t.valid_from, 1, 'infinity') OVER (PARTITION BY t.client_id ORDER BY t.valid_from) AS valid_to
        FROM membership_clienttier t JOIN client USING (client_id)
    )"""
_OF_MANY = _SELECT.format(
    clients="client a",
    places="""JOIN store s ON s.id = v.store_id
    JOIN location ON location.store_id = v.store_id AND v.day >= location.valid_from AND v.day < location.valid_to
    LEFT JOIN tier ON tier.client_id = v.client_id AND v.day >= tier.valid_from AND v.day < tier.valid_to""",
)


def lines_of(cursor: CursorWrapper, client_ids: list[int]) -> Columns:
    """Kept lines of a few clients."""
    cursor.execute(_OF_FEW, [client_ids])
    rows = np.array(cursor.fetchall(), dtype=LINE)
    return {name: rows[name].copy() for name in LINE.names or ()}


def lines_of_table(cursor: CursorWrapper, table: str) -> Columns:
    """Kept lines of all clients of a table of ours (its name is never input)."""
    with cursor.copy(f"COPY ({_PERIODS.format(clients=table)} {_OF_MANY}) TO STDOUT (FORMAT BINARY)") as copy:
        data = bytearray()
        for row in copy:
            data += row
    return unpacked(data, LINE)
