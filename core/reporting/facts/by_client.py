"""The facts of each client in one row a layout, packed: to see what a change of its visits changes."""

import struct
from functools import cache

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.binary_copy import HEADER, TRAILER, Columns
from core.reporting.facts.derivation import FACT
from core.reporting.facts.layout import FLAGS, LAYOUTS
from core.reporting.facts.reading import binary_rows
from core.reporting.facts.recent_days import TELLS, recent_days_of

# Rows in COPY's binary format: the number of fields, and each with its length before it.
_HEAD = struct.Struct("!hihiq")
_LAST = struct.Struct("!iiii")
_LENGTH = struct.Struct("!i")
_NULL = _LENGTH.pack(-1)


@cache
def stored_type(layout: int) -> np.dtype[np.void]:
    """A fact as the layout stores it, little-endian and without its client."""
    columns = LAYOUTS[layout].keys()
    names = {*columns, *(FLAGS if "flags" in columns else ()), "store_id"} - {"client_id"}
    fields = (FACT.fields or {}).items()
    return np.dtype([(name, kind.newbyteorder("<")) for name, (kind, *_rest) in fields if name in names])


def stored_facts(cursor: CursorWrapper, layout: int, clients: str) -> Columns:
    """Facts of the clients of a table of ours (never input)."""
    sql = (
        "SELECT client_id, facts FROM reporting_clientfacts "  # noqa: S608
        f"WHERE layout = %s AND client_id IN (SELECT client_id FROM {clients})"
    )
    rows = binary_rows(cursor, sql, [layout])
    fact = stored_type(layout)
    table = np.frombuffer(b"".join(facts for _client, facts in rows), fact)
    counts = [len(facts) // fact.itemsize for _client, facts in rows]
    client_ids = np.repeat(np.array([client for client, _facts in rows], np.int64), counts)
    return {"client_id": client_ids, **{name: table[name] for name in fact.names or ()}}


def packed(layout: int, facts: Columns, changed: NDArray[np.int64]) -> bytes:
    """Of facts, ordered by client, those of the changed clients, as COPY takes them."""
    client_ids, starts = np.unique(facts["client_id"], return_index=True)
    ends = np.append(starts[1:], len(facts["client_id"]))
    wanted = np.isin(client_ids, changed)
    fact = stored_type(layout)
    table = np.empty(len(facts["client_id"]), fact)
    for name in fact.names or ():
        table[name] = facts[name]
    data = table.tobytes()
    last = dict(recent_days_of(facts).by_client()) if TELLS in LAYOUTS[layout] else {}
    rows = [HEADER]
    for client, start, end in zip(*(column[wanted].tolist() for column in (client_ids, starts, ends)), strict=True):
        own = data[start * fact.itemsize : end * fact.itemsize]
        rows.append(_HEAD.pack(6, 2, layout, 8, client) + _LENGTH.pack(len(own)) + own + _last_visit(last.get(client)))
    return b"".join((*rows, TRAILER))


def _last_visit(last: tuple[int, int, bytes] | None) -> bytes:
    """Store, day and recent days; COPY counts days from 2000-01-01, as we do."""
    if last is None:
        return _NULL * 3
    store, day, days = last
    return _LAST.pack(4, store, 4, day) + _LENGTH.pack(len(days)) + days


def replace(cursor: CursorWrapper, layout: int, former: list[int], rows: bytes) -> None:
    """The facts of clients, of whom `former` had some before."""
    if former:
        cursor.execute("DELETE FROM reporting_clientfacts WHERE layout = %s AND client_id = ANY(%s)", [layout, former])
    names = "layout, client_id, facts, store_id, last_day, recent_days"
    with cursor.copy(f"COPY reporting_clientfacts ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(rows)
