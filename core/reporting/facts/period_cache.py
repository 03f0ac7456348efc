"""Counts of standard periods, kept from the first time they are asked for.

Kept is what the blocks up to some id come to; a reader adds what newer blocks say. A period is counted for keeping
while no writer is at work (an advisory lock of the chain, shared by writers): then no block with a lower id can still
come.
"""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.cells import Cells
from core.reporting.counting import Selection, aggregated, count_blocks
from core.reporting.data import Data
from core.reporting.facts import writing
from core.reporting.facts.blocks import Block, little_endian, narrow, narrow_signed
from core.reporting.facts.change_log import fold_changes
from core.reporting.facts.layout import ANSWERING, LAYOUTS, is_stored, layouts_with
from core.reporting.facts.reading import BlockReader, binary_rows, blocks_of
from core.reporting.facts.store_days import fold_months
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.periods import months_between
from core.reporting.places import Places
from core.shared.chain import current_chain
from core.shared.locks import lock_chain, try_lock_transaction

_OF = "metric = %s AND metric_version = %s AND scope = %s AND basis = %s AND dimension = %s"
LOCK = "facts"
# Beside a column's width: it has a sign.
_SIGNED = 0x80


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
    cursor.execute("DELETE FROM reporting_cachedperiod")


def is_standard(start: date, end: date) -> bool:
    """A calendar month, quarter, half-year or year, or twelve months that end with a month."""
    if start.day != 1 or end.day != 1:
        return False
    months = months_between(start, end)
    return months == 12 or (months in (1, 3, 6) and (start.month - 1) % months == 0)


def standard_cells(metric: Metric, selections: Sequence[Selection], data: Data) -> list[Cells]:
    """Cells of standard periods without filters, which differ in their periods alone: the kept ones; others are counted
    and, if no one is writing, kept now."""
    places = data.places
    with data.reader() as reader:
        cells = _stored(reader.cursor, metric, selections, places)
        missing = [selection for selection in selections if selection not in cells]
        if missing and not is_stored(reader.cursor, missing[0].columns(metric.columns(missing[0]))):
            # Made of the visits, which takes too long to hold up writers.
            cells |= zip(missing, metric.count(reader, missing, places), strict=True)
            missing = []
    if missing:
        with transaction.atomic(), connection.cursor() as cursor:
            may_keep, reader = no_one_writes(), BlockReader(cursor, data.known_columns)
            counted = dict(zip(missing, metric.count(reader, missing, places), strict=True))
            if may_keep:
                for selection in missing:
                    _keep(cursor, metric, selection, counted[selection])
        cells |= counted
    return [cells[selection] for selection in selections]


def _of(metric: Metric, selection: Selection) -> list[str | int]:
    return [metric.code, metric.version, selection.scope, selection.basis, selection.dimension]


def _stored(
    cursor: CursorWrapper, metric: Metric, selections: Sequence[Selection], places: Places
) -> dict[Selection, Cells]:
    """What is kept and the blocks since, as one moment has them: `fold` changes both."""
    requested = {(selection.start, selection.end): selection for selection in selections}
    first = selections[0]
    names = first.columns(metric.columns(first))
    rows = binary_rows(
        cursor,
        f"WITH answering AS ({ANSWERING}), "  # noqa: S608
        "requested AS (SELECT * FROM unnest(%s::date[], %s::date[]) AS period (start, until)), "
        "kept AS MATERIALIZED (SELECT k.start, until, layout, through_id, cells FROM reporting_cachedperiod k "
        f'JOIN answering USING (layout) JOIN requested ON k.start = requested.start AND k."end" = until WHERE {_OF}) '
        "SELECT start, until, through_id, NULL::date, NULL::smallint, NULL::int, cells"
        f"{', NULL::bytea' * (len(names) - 1)} FROM kept UNION ALL "
        f"SELECT NULL, NULL, id, month, sign, rows, {', '.join(names)} FROM reporting_factblock "
        "WHERE layout = (SELECT max(layout) FROM kept) AND of_categories = %s "
        "AND month >= (SELECT min(date_trunc('month', start)::date) FROM kept) "
        "AND month < (SELECT max(until) FROM kept) AND id > (SELECT min(through_id) FROM kept)",
        [
            layouts_with(names),
            [start for start, _end in requested],
            [end for _start, end in requested],
            *_of(metric, first),
            first.of_categories,
        ],
    )
    newer = blocks_of([row[2:] for row in rows if row[0] is None], names)
    return {
        requested[start, end]: _with_newer(cells, through, newer, metric, requested[start, end], places)
        for start, end, through, _month, _sign, _rows, cells, *_more in rows
        if start is not None
    }


def _with_newer(
    stored: bytes, through: int, blocks: Sequence[Block], metric: Metric, selection: Selection, places: Places
) -> Cells:
    cells = unpacked(stored, metric.columns_of_cells)
    newer = [block for block in blocks if block.id > through]
    return aggregated([cells, count_blocks(newer, metric, selection, places)], metric) if newer else cells


def _keep(cursor: CursorWrapper, metric: Metric, selection: Selection, cells: Cells) -> None:
    cursor.execute(
        "INSERT INTO reporting_cachedperiod "  # noqa: S608
        '(metric, metric_version, scope, basis, dimension, start, "end", layout, through_id, cells) '
        "SELECT %s, %s, %s, %s, %s, %s, %s, layout, (SELECT coalesce(max(id), 0) FROM reporting_factblock), %s "
        f"FROM ({ANSWERING}) AS answering WHERE layout IS NOT NULL ON CONFLICT DO NOTHING",
        [
            *_of(metric, selection),
            selection.start,
            selection.end,
            packed(cells, metric.columns_of_cells),
            layouts_with(selection.columns(metric.columns(selection))),
        ],
    )


def packed(cells: Cells, names: Sequence[str]) -> bytes:
    """A byte with the width of each column, then the columns. Of one with negative numbers, which amounts may be, the
    byte is marked."""
    columns = [narrow_signed(cells[n]) if (cells[n] < 0).any() else narrow(cells[n]) for n in names]
    heads = bytes(column.itemsize | (_SIGNED if column.dtype.kind == "i" else 0) for column in columns)
    return heads + b"".join(map(little_endian, columns))


def unpacked(data: bytes, names: Sequence[str]) -> Cells:
    heads = data[: len(names)]
    kinds = [np.dtype(f"<{'i' if head & _SIGNED else 'u'}{head & ~_SIGNED}") for head in heads]
    widths = [kind.itemsize for kind in kinds]
    rows = (len(data) - len(heads)) // sum(widths)
    ends = [len(heads) + rows * end for end in accumulate(widths)]
    values = (data[end - rows * width : end] for end, width in zip(ends, widths, strict=True))
    return {name: np.frombuffer(value, kind) for name, value, kind in zip(names, values, kinds, strict=True)}


def fold() -> None:
    """Folds what changes have appended into the blocks and into what is kept; nothing while someone writes."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not no_one_writes():
            return
        cursor.execute(
            "DELETE FROM reporting_cachedperiod WHERE layout NOT IN "
            "(SELECT layout FROM reporting_factlayout WHERE is_complete AND layout = ANY(%s))",
            [list(LAYOUTS)],
        )
        _fold_periods(cursor)
        writing.fold(cursor)
        fold_months(cursor)
        fold_changes(cursor)
        cursor.execute(
            "UPDATE reporting_cachedperiod SET through_id = coalesce((SELECT max(id) FROM reporting_factblock), 0)"
        )


def _fold_periods(cursor: CursorWrapper) -> None:
    """Counts of a metric's earlier version go."""
    places = Places()
    cursor.execute(
        'SELECT id, metric, metric_version, start, "end", scope, basis, dimension FROM reporting_cachedperiod'
    )
    for pk, code, version, start, end, scope, basis, dimension in cursor.fetchall():
        metric = METRICS.get(code)
        if metric is None or metric.version != version:
            cursor.execute("DELETE FROM reporting_cachedperiod WHERE id = %s", [pk])
            continue
        selection = Selection(start=start, end=end, scope=scope, basis=basis, dimension=dimension)
        (cells,) = _stored(cursor, metric, [selection], places).values()
        data = packed(cells, metric.columns_of_cells)
        cursor.execute("UPDATE reporting_cachedperiod SET cells = %s WHERE id = %s", [data, pk])
