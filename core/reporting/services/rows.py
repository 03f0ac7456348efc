"""Arrays of rows to and from PostgreSQL's binary copy format, for rows without nulls, whose size is fixed.

The format (PostgreSQL documentation, COPY, "Binary Format"): a header, then for each row the number of fields and for
each field its length and its bytes in network order, and a trailer of -1.
"""

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"


def _wire(fields: np.dtype[np.void]) -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = [("count of fields", ">i2")]
    for name, (kind, *_rest) in (fields.fields or {}).items():
        parts += [(f"length of {name}", ">i4"), (name, kind.str.replace("<", ">").replace("|b", "|u"))]
    return np.dtype(parts)


def packed(rows: NDArray[np.void]) -> bytes:
    """The rows as they are copied in, without header and trailer."""
    wire = np.empty(len(rows), _wire(rows.dtype))
    wire["count of fields"] = len(rows.dtype.names or ())
    for name, (kind, *_rest) in (rows.dtype.fields or {}).items():
        wire[f"length of {name}"] = kind.itemsize
        wire[name] = rows[name]
    return wire.tobytes()


def unpacked(data: bytes, fields: np.dtype[np.void]) -> NDArray[np.void]:
    """What was copied out, header and trailer included. Raises ValueError if a field is null or of another size."""
    wire = np.frombuffer(
        data, _wire(fields), offset=len(HEADER), count=(len(data) - len(HEADER)) // _wire(fields).itemsize
    )
    rows = np.empty(len(wire), fields)
    for name, (kind, *_rest) in (fields.fields or {}).items():
        if (wire[f"length of {name}"] != kind.itemsize).any():
            raise ValueError(f"{name} is null or not {kind.itemsize} bytes long.")
        rows[name] = wire[name]
    return rows
