"""The lines of clients as arrays, in the order that decides which visit of a day is the first."""

from collections.abc import Collection

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.arrays import number, stable_order
from core.reporting.facts.binary_copy import Columns, copied_out, unpacked
from core.reporting.facts.derivation import AFTER, NOTHING

# A line: days are counted from 2000-01-01, `start` in seconds, `amount` in hundredths, `rating` in tenths, -1 for none;
# staff 0 is none. Kept is a line that is no return.
LINE = np.dtype(
    [
        ("client_id", "i8"),
        ("day", "i4"),
        ("store_id", "i4"),
        ("category_id", "i4"),
        ("service_id", "i4"),
        ("staff_id", "i4"),
        ("is_kept", "?"),
        ("paid_by_card", "?"),
        ("amount", "i8"),
        ("rating", "i2"),
        ("start", "i4"),
        ("visit_id", "i8"),
    ]
)

_VALUES = """
    SELECT v.client_id, v.day - DATE '2000-01-01', v.store_id::int, coalesce(l.category_id, 0)::int,
           coalesce(l.service_id, 0)::int, coalesce(l.staff_id, 0)::int, l.quantity > 0, l.paid_by_card,
           (l.amount * 100)::bigint, coalesce(l.rating * 10, -1)::smallint, extract(epoch FROM v.start_time)::int,
           v.id"""
# Clients are looked up one by one, and their visits: OFFSET keeps the planner, which has no figures on rows loaded in
# this transaction, from any other order.
_LINES = f"""{_VALUES}
    FROM {{clients}}
    CROSS JOIN LATERAL (SELECT * FROM visits_visit WHERE client_id = a.client_id AND voided_at IS NULL OFFSET 0) v
    CROSS JOIN LATERAL (SELECT * FROM visits_visitline WHERE visit_id = v.id OFFSET 0) l
    ORDER BY v.id, l.id"""  # noqa: S608
# Both tables are read from one id to the other, which takes a third of the time.
_NEAR_LINES = f"""{_VALUES}
    FROM visits_visit v JOIN visits_visitline l ON l.visit_id = v.id
    WHERE v.client_id IN (SELECT client_id FROM {{clients}}) AND v.voided_at IS NULL
    AND v.id BETWEEN {{first}} AND {{last}} AND l.visit_id BETWEEN {{first}} AND {{last}}
    ORDER BY v.id, l.id"""  # noqa: S608
_LOCATIONS = """
    SELECT l.store_id, l.valid_from - DATE '2000-01-01', l.id, s.code
    FROM stores_storelocation l JOIN stores_store s ON s.id = l.store_id WHERE l.store_id = ANY(%s)"""
_TIERS = """
    SELECT t.client_id, t.valid_from - DATE '2000-01-01', t.tier_id
    FROM {clients} JOIN membership_clienttier t ON t.client_id = a.client_id"""


_JOINED = """
    SELECT c.id, c.joined_on - DATE '2000-01-01'
    FROM {clients} JOIN clients_client c ON c.id = a.client_id WHERE c.joined_on IS NOT NULL ORDER BY c.id"""


def lines_of(cursor: CursorWrapper, clients: str, near: tuple[int, int] | None = None) -> Columns:
    """Lines of the clients of a table of ours (never input); with the category in force, the store's location
    (`location_id`) and the member tier (`member_tier_id`, 0 for none) of the day, and the day on which the client's
    record was opened (`joined_on`, `AFTER` where it is not known). `near` are the first and the last id
    of all their visits, where few visits of others lie between."""
    clients = f"(SELECT client_id FROM {clients}) a"  # noqa: S608
    lines = unpacked(_copied(cursor, clients, near), LINE)
    _categorise(cursor, lines)
    cursor.execute(_JOINED.format(clients=clients))
    lines["joined_on"] = _joined_on(lines["client_id"], cursor.fetchall())
    cursor.execute(_TIERS.format(clients=clients))
    return _placed(cursor, lines, cursor.fetchall())


def _joined_on(clients: NDArray[np.integer], joined: list[tuple[int, int]]) -> NDArray[np.int32]:
    """`joined` are ordered by client."""
    days = np.full(len(clients), AFTER, np.int32)
    if joined:
        known, first_days = np.array(joined, np.int64).T
        place = np.minimum(np.searchsorted(known, clients), len(known) - 1)
        there = known[place] == clients
        days[there] = first_days[place[there]]
    return days


def _copied(cursor: CursorWrapper, clients: str, near: tuple[int, int] | None) -> bytearray:
    if near is None:
        return copied_out(cursor, _LINES.format(clients=clients))
    first, last = map(int, near)
    # The planner expects a handful of rows loaded in this transaction, and would look each visit's lines up.
    cursor.execute("SET LOCAL enable_nestloop = off")
    data = copied_out(cursor, _NEAR_LINES.format(clients=clients, first=first, last=last))
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return data


def _categorise(cursor: CursorWrapper, lines: Columns) -> None:
    """A line without a category of its own has its service's."""
    services = lines["service_id"]
    follows = lines["category_id"] == NOTHING
    if not follows.any():
        return
    wanted, which = np.unique(services[follows], return_inverse=True)
    cursor.execute("SELECT id, category_id FROM catalogue_service WHERE id = ANY(%s)", [wanted.tolist()])
    categories = dict(cursor.fetchall())
    lines["category_id"][follows] = np.array([categories[service] for service in wanted.tolist()], "i4")[which]


def listed(client_ids: Collection[int]) -> str:
    """A table of these ids."""
    return f"unnest('{{{','.join(map(str, map(int, client_ids)))}}}'::bigint[]) AS listed (client_id)"


def last_of_chunk(cursor: CursorWrapper, after: int, visits: int) -> int | None:
    """The id of a client such that those after `after` and up to it have about so many visits; None where no client
    after `after` has any."""
    cursor.execute(
        "SELECT max(client_id) FROM (SELECT client_id FROM visits_visit WHERE client_id > %s "
        "ORDER BY client_id LIMIT %s) AS next",
        [after, visits],
    )
    (last,) = cursor.fetchone()
    return None if last is None else int(last)


def clients_between(after: int, through: int) -> str:
    """A table of their ids."""
    return f"(SELECT id AS client_id FROM clients_client WHERE id > {after:d} AND id <= {through:d}) AS between_ids"  # noqa: S608


def _placed(cursor: CursorWrapper, lines: Columns, tiers: list[tuple[int, int, int]]) -> Columns:
    """With location and tier; kept lines first, in the order of clients and times: visits that begin at one time in
    that of their stores' codes, then of recording, which is the one they come in."""
    cursor.execute(_LOCATIONS, [np.unique(lines["store_id"]).tolist()])
    places = cursor.fetchall()
    lines["location_id"] = effective(lines["store_id"], lines["day"], [row[:3] for row in places])
    lines["member_tier_id"] = effective(lines["client_id"], lines["day"], tiers)
    if not len(lines["day"]):
        return lines
    ranks = {code: rank for rank, code in enumerate(sorted({code for *_place, code in places}))}
    rank_of_store = {store: ranks[code] for store, _from, _id, code in places}
    stores, which = np.unique(lines["store_id"], return_inverse=True)
    rank = np.array([rank_of_store[store] for store in stores.tolist()], np.int64)[which]
    key = number(~lines["is_kept"], lines["client_id"], lines["day"], lines["start"], rank)
    order = stable_order(key)
    return {name: column[order] for name, column in lines.items()}


def effective(
    keys: NDArray[np.integer], days: NDArray[np.integer], dated: list[tuple[int, int, int]]
) -> NDArray[np.int32]:
    """For each key and day the value of the last (key, first day, value) that is not later; 0 where there is none."""
    values_then = np.full(len(keys), NOTHING, np.int32)
    if not len(keys) or not dated:
        return values_then
    dated_keys, first_days, values = np.array(sorted(dated), np.int64).T
    numbers = number(np.concatenate((dated_keys, keys)), np.concatenate((first_days, days)))
    last = np.searchsorted(numbers[: len(dated)], numbers[len(dated) :], side="right") - 1
    there = (last >= 0) & (dated_keys[last] == keys)
    values_then[there] = values[last[there]]
    return values_then
