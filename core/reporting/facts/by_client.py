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

# A row in COPY's binary format: the number of fields, the length of each, the layout and the client; the facts follow.
_ROW = struct.Struct("!hihiqi")


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
    rows = [HEADER]
    for client, start, end in zip(*(column[wanted].tolist() for column in (client_ids, starts, ends)), strict=True):
        own = data[start * fact.itemsize : end * fact.itemsize]
        rows.append(_ROW.pack(3, 2, layout, 8, client, len(own)) + own)
    return b"".join((*rows, TRAILER))


def replace(cursor: CursorWrapper, layout: int, former: list[int], rows: bytes) -> None:
    """The facts of clients, of whom `former` had some before."""
    if former:
        cursor.execute("DELETE FROM reporting_clientfacts WHERE layout = %s AND client_id = ANY(%s)", [layout, former])
    with cursor.copy("COPY reporting_clientfacts (layout, client_id, facts) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(rows)
