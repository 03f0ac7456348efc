"""The facts of each client in one row a layout, packed: to see what a change of its visits changes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
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
# Clients up to which one INSERT is quicker than COPY.
_FEW_CLIENTS = 100


def stored_type(layout: int) -> np.dtype[np.void]:
    """A fact as the layout stores it, little-endian and without its client."""
    return _type_of(frozenset(LAYOUTS[layout]))


@cache
def _type_of(columns: frozenset[str]) -> np.dtype[np.void]:
    names = {*columns, *(FLAGS if "flags" in columns else ()), "store_id"} - {"client_id"}
    fields = (FACT.fields or {}).items()
    return np.dtype([(name, kind.newbyteorder("<")) for name, (kind, *_rest) in fields if name in names])


def facts_of_clients(cursor: CursorWrapper, layout: int, client_ids: list[int]) -> Columns:
    """Facts of a few clients."""
    sql = "SELECT client_id, facts FROM reporting_clientfacts WHERE layout = %s AND client_id = ANY(%s)"
    return _unpacked(layout, binary_rows(cursor, sql, [layout, client_ids]))


def facts_of_table(cursor: CursorWrapper, layout: int, clients: str) -> Columns:
    """Facts of the clients of a table of ours (its name is never input)."""
    sql = (
        "SELECT client_id, facts FROM reporting_clientfacts "  # noqa: S608
        f"WHERE layout = %s AND client_id IN (SELECT client_id FROM {clients})"
    )
    return _unpacked(layout, binary_rows(cursor, sql, [layout]))


def _unpacked(layout: int, rows: Sequence[tuple[int, bytes]]) -> Columns:
    fact = stored_type(layout)
    table = np.frombuffer(b"".join(facts for _client, facts in rows), fact)
    counts = [len(facts) // fact.itemsize for _client, facts in rows]
    clients = np.repeat(np.array([client for client, _facts in rows], np.int64), counts)
    return {"client_id": clients, **{name: table[name] for name in fact.names or ()}}


@dataclass(frozen=True)
class Change:
    """What is to be written: facts by client, packed, and the clients whose facts are deleted first."""

    client_ids: list[int]
    packed: list[bytes]
    deleted: list[int]


def change(layout: int, facts: Columns, *, changed: NDArray[np.int64], stored: NDArray[np.int64]) -> Change:
    """Of facts, ordered by client, those of clients that have changed; `stored` are clients that had some before."""
    clients, starts = np.unique(facts["client_id"], return_index=True)
    ends = np.append(starts[1:], len(facts["client_id"]))
    wanted = np.isin(clients, changed)
    packed = _pack(layout, facts, starts[wanted].tolist(), ends[wanted].tolist())
    few = len(packed) <= _FEW_CLIENTS
    deleted = np.setdiff1d(np.intersect1d(changed, stored), clients if few else [])
    return Change(clients[wanted].tolist(), packed, deleted.tolist())


def write(cursor: CursorWrapper, layout: int, change: Change) -> None:
    if change.deleted:
        cursor.execute(
            "DELETE FROM reporting_clientfacts WHERE layout = %s AND client_id = ANY(%s)", [layout, change.deleted]
        )
    if len(change.packed) <= _FEW_CLIENTS:
        cursor.execute(
            "INSERT INTO reporting_clientfacts (layout, client_id, facts) "
            "SELECT %s, * FROM unnest(%s::bigint[], %s::bytea[]) "
            "ON CONFLICT (layout, client_id) DO UPDATE SET facts = excluded.facts",
            [layout, change.client_ids, change.packed],
        )
        return
    with cursor.copy("COPY reporting_clientfacts (layout, client_id, facts) FROM STDIN (FORMAT BINARY)") as copy:
        rows = (
            _ROW.pack(3, 2, layout, 8, pk, len(one)) + one
            for pk, one in zip(change.client_ids, change.packed, strict=True)
        )
        copy.write(HEADER + b"".join(rows) + TRAILER)


def _pack(layout: int, facts: Columns, starts: list[int], ends: list[int]) -> list[bytes]:
    fact = stored_type(layout)
    table = np.empty(len(facts["client_id"]), fact)
    for name in fact.names or ():
        table[name] = facts[name]
    data, size = memoryview(table.tobytes()), fact.itemsize
    return [bytes(data[start * size : end * size]) for start, end in zip(starts, ends, strict=True)]
