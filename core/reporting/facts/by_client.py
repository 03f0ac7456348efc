"""The facts of each client in one row, packed: to see what a change of its visits changes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.binary_copy import HEADER, TRAILER, Columns
from core.reporting.facts.derivation import FACT
from core.reporting.facts.reading import binary_rows

# A fact as it is kept, little-endian and without its client.
_PACKED = np.dtype([(name, kind.newbyteorder("<")) for name, (kind, *_rest) in (FACT.fields or {}).items()][1:])
# A row in COPY's binary format: the number of fields, the length of each, the client; the facts follow.
_ROW = struct.Struct("!hiqi")
# Clients up to which one INSERT is quicker than COPY.
_FEW_CLIENTS = 100


def facts_of_clients(cursor: CursorWrapper, client_ids: list[int]) -> Columns:
    """Facts of a few clients."""
    return _unpacked(
        binary_rows(
            cursor, "SELECT client_id, facts FROM reporting_clientfacts WHERE client_id = ANY(%s)", [client_ids]
        )
    )


def facts_of_table(cursor: CursorWrapper, clients: str) -> Columns:
    """Facts of the clients of a table of ours (its name is never input)."""
    sql = f"SELECT client_id, facts FROM reporting_clientfacts WHERE client_id IN (SELECT client_id FROM {clients})"  # noqa: S608
    return _unpacked(binary_rows(cursor, sql, []))


def _unpacked(rows: Sequence[tuple[int, bytes]]) -> Columns:
    table = np.frombuffer(b"".join(facts for _client, facts in rows), _PACKED)
    counts = [len(facts) // _PACKED.itemsize for _client, facts in rows]
    clients = np.repeat(np.array([client for client, _facts in rows], np.int64), counts)
    return {"client_id": clients, **{name: table[name] for name in _PACKED.names or ()}}


@dataclass(frozen=True)
class Change:
    """What is to be written: facts by client, packed, and the clients whose facts go first."""

    client_ids: list[int]
    packed: list[bytes]
    gone: list[int]


def change(facts: Columns, *, changed: NDArray[np.int64], known: NDArray[np.int64]) -> Change:
    """Of facts, ordered by client, those of the clients that have changed; `known` are clients that had some before."""
    clients, starts = np.unique(facts["client_id"], return_index=True)
    ends = np.append(starts[1:], len(facts["client_id"]))
    wanted = np.isin(clients, changed)
    packed = _pack(facts, starts[wanted].tolist(), ends[wanted].tolist())
    few = len(packed) <= _FEW_CLIENTS
    gone = np.setdiff1d(np.intersect1d(changed, known), clients if few else [])
    return Change(clients[wanted].tolist(), packed, gone.tolist())


def write(cursor: CursorWrapper, change: Change) -> None:
    if change.gone:
        cursor.execute("DELETE FROM reporting_clientfacts WHERE client_id = ANY(%s)", [change.gone])
    if len(change.packed) <= _FEW_CLIENTS:
        cursor.execute(
            "INSERT INTO reporting_clientfacts (client_id, facts) SELECT * FROM unnest(%s::bigint[], %s::bytea[]) "
            "ON CONFLICT (client_id) DO UPDATE SET facts = excluded.facts",
            [change.client_ids, change.packed],
        )
        return
    with cursor.copy("COPY reporting_clientfacts (client_id, facts) FROM STDIN (FORMAT BINARY)") as copy:
        rows = (_ROW.pack(2, 8, pk, len(one)) + one for pk, one in zip(change.client_ids, change.packed, strict=True))
        copy.write(HEADER + b"".join(rows) + TRAILER)


def _pack(facts: Columns, starts: list[int], ends: list[int]) -> list[bytes]:
    table = np.empty(len(facts["client_id"]), _PACKED)
    for name in _PACKED.names or ():
        table[name] = facts[name]
    data, size = memoryview(table.tobytes()), _PACKED.itemsize
    return [bytes(data[start * size : end * size]) for start, end in zip(starts, ends, strict=True)]
