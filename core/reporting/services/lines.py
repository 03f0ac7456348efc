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
    WITH affected AS MATERIALIZED ({affected}), store_rank AS (
        SELECT id, row_number() OVER (ORDER BY code COLLATE "C") AS rank FROM stores_store
    ), location AS (
        SELECT id, store_id, valid_from,
               lead(valid_from, 1, 'infinity') OVER (PARTITION BY store_id ORDER BY valid_from) AS valid_to
        FROM stores_storelocation
    ), tier AS (
        SELECT t.client_id, t.tier_id, t.valid_from,
               lead(t.valid_from, 1, 'infinity') OVER (PARTITION BY t.client_id ORDER BY t.valid_from) AS valid_to
        FROM membership_clienttier t JOIN affected USING (client_id)
    )
    SELECT v.client_id, v.day - DATE '2000-01-01', v.store_id::int, l.category_id::int, coalesce(l.staff_id, 0)::int,
           CASE WHEN l.paid_by_card THEN 0 ELSE (l.amount * 100)::bigint END, location.id::int,
           coalesce(tier.tier_id, 0)::int
    FROM affected a
    JOIN visits_visit v ON v.client_id = a.client_id
    JOIN visits_visitline l ON l.visit_id = v.id
    JOIN store_rank r ON r.id = v.store_id
    JOIN location ON location.store_id = v.store_id AND v.day >= location.valid_from AND v.day < location.valid_to
    LEFT JOIN tier ON tier.client_id = v.client_id AND v.day >= tier.valid_from AND v.day < tier.valid_to
    WHERE v.voided_at IS NULL AND l.quantity > 0
    ORDER BY v.client_id, v.day, v.start_time, r.rank, v.id, l.id"""


def lines_of(cursor: CursorWrapper, client_ids: list[int]) -> Columns:
    """Kept lines of a few clients."""
    cursor.execute(_SELECT.format(affected="SELECT unnest(%s::bigint[]) AS client_id"), [client_ids])
    rows = np.array(cursor.fetchall(), dtype=LINE)
    return {name: rows[name].copy() for name in LINE.names or ()}


def lines_of_table(cursor: CursorWrapper, table: str) -> Columns:
    """Kept lines of all clients of a table of ours (its name is never input)."""
    select = _SELECT.format(affected=f"SELECT client_id FROM {table}")  # noqa: S608
    with cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT BINARY)") as copy:
        data = bytearray()
        for row in copy:
            data += row
    return unpacked(data, LINE)
