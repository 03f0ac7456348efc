"""What lines without a client come to, by store, day and category: revenue that stands in no client's facts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.change_log import note_change_of_days
from core.reporting.facts.layout import is_stored

_SUMS = """
    SELECT v.day, v.store_id::int AS store_id, coalesce(l.category_id, s.category_id)::int AS category_id,
           coalesce(sum(l.amount * 100) FILTER (WHERE NOT l.paid_by_card), 0)::bigint AS net_revenue,
           coalesce(sum(l.amount * 100) FILTER (WHERE l.paid_by_card), 0)::bigint AS consumed_value
    FROM {visits}
    JOIN visits_visitline l ON l.visit_id = v.id
    LEFT JOIN catalogue_service s ON s.id = l.service_id
    WHERE v.voided_at IS NULL AND v.client_id IS NULL
    GROUP BY 1, 2, 3"""
_OF_TOUCHED = _SUMS.format(visits="touched t JOIN visits_visit v ON v.store_id = t.store_id AND v.day = t.day")
_OF_VISITS = f"({_SUMS.format(visits='visits_visit v')})"
# Complete from the layout on that came with them: whoever builds it counts them (`facts.building`).
SINCE = ("visits",)
# A store's place in force: from its first day until the next one's.
_PLACES = (
    "SELECT id, store_id, valid_from, lead(valid_from) OVER (PARTITION BY store_id ORDER BY valid_from) AS until "
    "FROM stores_storelocation"
)


def recount_anonymous_days(cursor: CursorWrapper, touched: str, params: Sequence[Any] = ()) -> None:
    """Counts all pairs (store_id, day) of a query anew. Their rows of `reporting_storeday` are locked already, so that
    of two writers the second counts what the first has added."""
    note_change_of_days(cursor, f"SELECT day FROM ({touched}) AS touched", params)  # noqa: S608
    touched = f"WITH touched AS MATERIALIZED (SELECT DISTINCT store_id, day FROM ({touched}) AS pairs)"  # noqa: S608
    cursor.execute(
        f"{touched} DELETE FROM reporting_anonymousday a USING touched t "  # noqa: S608
        "WHERE a.store_id = t.store_id AND a.day = t.day",
        params,
    )
    cursor.execute(
        f"{touched} INSERT INTO reporting_anonymousday (day, store_id, category_id, net_revenue, consumed_value) "
        f"{_OF_TOUCHED}",
        params,
    )


def recount_all(cursor: CursorWrapper) -> None:
    """Of the whole chain, while no one writes."""
    cursor.execute("DELETE FROM reporting_anonymousday")
    recount_anonymous_days(cursor, "SELECT store_id, day FROM reporting_storeday WHERE anonymous_lines > 0")


def anonymous_amounts(cursor: CursorWrapper, *, start: date, end: date) -> Columns:
    """Of [start, end), a row for each place (`location_id`, 0 for none) and category; from the visits where the chain
    has not counted them yet."""
    amounts = "reporting_anonymousday" if is_stored(cursor, SINCE) else _OF_VISITS
    cursor.execute(
        f"""SELECT coalesce(p.id, 0), a.category_id, sum(a.net_revenue)::bigint, sum(a.consumed_value)::bigint
            FROM {amounts} a LEFT JOIN ({_PLACES}) AS p
            ON p.store_id = a.store_id AND a.day >= p.valid_from AND (p.until IS NULL OR a.day < p.until)
            WHERE a.day >= %s AND a.day < %s GROUP BY 1, 2""",  # noqa: S608
        [start, end],
    )
    rows = np.array(cursor.fetchall(), np.int64).reshape(-1, 4)
    names = ("location_id", "category_id", "net_revenue", "consumed_value")
    return dict(zip(names, rows.T, strict=True))
