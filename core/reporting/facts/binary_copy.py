"""Arrays of rows out of PostgreSQL's binary copy format, for rows without nulls, whose size is fixed.

The format (PostgreSQL documentation, COPY, "Binary Format"): a header, then for each row the number of fields and for
each field its length and its bytes in network order, and a trailer of -1.
"""

from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

# Arrays of one length by name of the column.
Columns = dict[str, NDArray[Any]]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"


def copied_out(cursor: CursorWrapper, query: str) -> bytearray:
    """A query's rows in the binary format. Takes what has arrived without asking for each row whether it is there,
    which takes three times as long as the row itself; what may be the end is left to the ordinary way."""
    data = bytearray()
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
        connection = copy.connection.pgconn
        while part := copy.read():
            data += part
            while part[-len(TRAILER) :] != TRAILER:
                size, part = connection.get_copy_data(1)
                if size <= 0:
                    break
                data += part
    return data


def _wire(fields: np.dtype[np.void]) -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = [("count of fields", ">i2")]
    for name, (kind, *_rest) in (fields.fields or {}).items():
        parts += [(f"length of {name}", ">i4"), (name, kind.str.replace("<", ">").replace("|b", "|u"))]
    return np.dtype(parts)


def unpacked(data: bytes | bytearray, fields: np.dtype[np.void]) -> Columns:
    """What was copied out, header and trailer included. Raises ValueError if a field is null or of another size."""
    row = _wire(fields)
    wire = np.frombuffer(data, row, offset=len(HEADER), count=(len(data) - len(HEADER)) // row.itemsize)
    columns: Columns = {}
    for name, (kind, *_rest) in (fields.fields or {}).items():
        if (wire[f"length of {name}"] != kind.itemsize).any():
            raise ValueError(f"{name} is null or not {kind.itemsize} bytes long.")
        columns[name] = wire[name].astype(kind)
    return columns
