"""Counts of standard periods, kept from the first time they are asked for.

Kept is what the blocks up to some id come to; a reader adds what newer blocks say. A period is counted for keeping
while no writer is at work (an advisory lock of the chain, shared by writers): then no block with a lower id can still
come.
"""

from datetime import date
from itertools import accumulate

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.counting import COUNTS, KEYS, Cells, Count, count, count_in, summed
from core.reporting.facts import writing
from core.reporting.facts.blocks import little_endian, narrow
from core.reporting.facts.layout_state import ANSWERING, layouts_with
from core.reporting.facts.reading import binary_rows, blocks_of
from core.reporting.facts.store_days import fold_months
from core.reporting.places import Places
from core.shared.chain import current_chain
from core.shared.locks import lock_chain, try_lock_transaction
from core.shared.reading import report_cursor

_WHICH = 'start = %s AND "end" = %s AND scope = %s AND basis = %s AND dimension = %s'
LOCK = "facts"
_NAMES = (*KEYS, *COUNTS)


def hold_writers_lock() -> None:
    """Until the transaction ends: facts are being written."""
    lock_chain(LOCK, shared=True)


def lock_out_writers() -> None:
    """Until the transaction ends: waits for those at work."""
    lock_chain(LOCK)


def no_one_writes() -> bool:
    """If so, until the transaction ends."""
    return try_lock_transaction(current_chain().schema_name, LOCK)


def drop_all(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM reporting_keptperiod")


def is_standard(start: date, end: date) -> bool:
    """A calendar month, quarter, half-year or year, or twelve months that end with a month."""
    if start.day != 1 or end.day != 1:
        return False
    months = (end.year - start.year) * 12 + end.month - start.month
    return months == 12 or (months in (1, 3, 6) and (start.month - 1) % months == 0)


def standard_cells(asked: Count, places: Places) -> Cells:
    """Cells of a standard period without filters: the kept ones, or counted and kept now if no one is writing."""
    with report_cursor() as cursor:
        found = _kept(cursor, asked, places)
    if found is not None:
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        may_keep = no_one_writes()
        cells = count(cursor, asked, places)
        if may_keep:
            _keep(cursor, asked, cells)
        return cells


def _key(asked: Count) -> list[date | str]:
    return [asked.start, asked.end, asked.scope, asked.basis, asked.dimension]


def _kept(cursor: CursorWrapper, asked: Count, places: Places) -> Cells | None:
    """What is kept and the blocks since, as one moment has them: `fold` changes both."""
    names = asked.columns
    rows = binary_rows(
        cursor,
        f"WITH answering AS ({ANSWERING}), kept AS MATERIALIZED ("  # noqa: S608
        f"SELECT layout, through_id, cells FROM reporting_keptperiod JOIN answering USING (layout) WHERE {_WHICH}) "
        f"SELECT NULL::bigint, NULL::date, NULL::smallint, NULL::int, cells{', NULL::bytea' * (len(names) - 1)} "
        f"FROM kept UNION ALL SELECT id, month, sign, rows, {', '.join(names)} FROM reporting_factblock "
        "JOIN kept USING (layout) WHERE month >= %s AND month < %s AND of_categories = %s AND id > through_id",
        [layouts_with(names), *_key(asked), asked.start, asked.end, asked.of_categories],
    )
    if not rows:
        return None
    kept = _unpacked(next(row[4] for row in rows if row[0] is None))
    newer = blocks_of([row for row in rows if row[0] is not None], names)
    return summed([kept, count_in(newer, asked, places)]) if newer else kept


def _keep(cursor: CursorWrapper, asked: Count, cells: Cells) -> None:
    cursor.execute(
        'INSERT INTO reporting_keptperiod (start, "end", scope, basis, dimension, layout, through_id, cells) '  # noqa: S608
        "SELECT %s, %s, %s, %s, %s, layout, (SELECT coalesce(max(id), 0) FROM reporting_factblock), %s "
        f"FROM ({ANSWERING}) AS answering WHERE layout IS NOT NULL ON CONFLICT DO NOTHING",
        [*_key(asked), _packed(cells), layouts_with(asked.columns)],
    )


def _packed(cells: Cells) -> bytes:
    """A byte with the width of each column, then the columns."""
    columns = [narrow(cells[name]) for name in _NAMES]
    return bytes(column.itemsize for column in columns) + b"".join(map(little_endian, columns))


def _unpacked(data: bytes) -> Cells:
    widths = data[: len(_NAMES)]
    rows = (len(data) - len(widths)) // sum(widths)
    ends = [len(widths) + rows * end for end in accumulate(widths)]
    values = (data[end - rows * width : end] for end, width in zip(ends, widths, strict=True))
    return {name: np.frombuffer(value, f"<u{width}") for name, value, width in zip(_NAMES, values, widths, strict=True)}


def fold() -> None:
    """Folds what changes have appended into the blocks and into what is kept; nothing while someone writes."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not no_one_writes():
            return
        places = Places()
        cursor.execute("DELETE FROM reporting_keptperiod WHERE layout NOT IN (SELECT layout FROM reporting_factlayout)")
        cursor.execute('SELECT start, "end", scope, basis, dimension FROM reporting_keptperiod')
        for start, end, scope, basis, dimension in cursor.fetchall():
            asked = Count(start=start, end=end, scope=scope, basis=basis, dimension=dimension)
            cells = _kept(cursor, asked, places)
            if cells is not None:
                cursor.execute(
                    f"UPDATE reporting_keptperiod SET cells = %s WHERE {_WHICH}",  # noqa: S608
                    [_packed(cells), *_key(asked)],
                )
        writing.fold(cursor)
        fold_months(cursor)
        cursor.execute(
            "UPDATE reporting_keptperiod SET through_id = coalesce((SELECT max(id) FROM reporting_factblock), 0)"
        )
