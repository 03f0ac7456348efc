"""What taking an import back comes to: counts for each kind of record, and what is kept by name."""

from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.imports.undo.records import RECORDS, Record
from core.imports.undo.tables import changed, made
from core.merging.services.labels import record_label
from core.visits.models import Visit

Document = dict[str, Any]
# More than these are counted, not listed.
LISTED = 200


def document(cursor: CursorWrapper) -> Document:
    """A record counts once, with its parts; one that is kept in any part of it counts as kept."""
    tables: dict[str, dict[str, int]] = {}
    listed: list[dict[str, str]] = []
    for record in RECORDS:
        if record.owner:
            continue
        cursor.execute(
            "SELECT count(*) FILTER (WHERE reason IS NULL AND is_made) AS removed, "
            "count(*) FILTER (WHERE reason IS NULL AND NOT is_made) AS restored, count(reason) AS kept "
            f"FROM ({_verdicts(record)}) AS verdict"
        )
        removed, restored, kept = cursor.fetchone()
        if removed or restored or kept:
            tables[record.table] = {"removed": removed, "restored": restored, "kept": kept}
        if kept:
            listed += _listed(cursor, record, LISTED - len(listed))
    totals = {name: sum(one[name] for one in tables.values()) for name in ("removed", "restored", "kept")}
    return {**totals, "tables": tables, "records": listed}


def _verdicts(record: Record) -> str:
    sources = [(made(record), "id", "true"), (changed(record), "id", "false")]
    parts = {part.table for part in record.parts}
    sources += [(of(one), "owner", "false") for one in RECORDS if one.table in parts for of in (made, changed)]
    rows = " UNION ALL ".join(
        f"SELECT {key} AS id, {flag} AS is_made, reason FROM {table}" for table, key, flag in sources
    )
    return f"SELECT id, bool_and(is_made) AS is_made, max(reason) AS reason FROM ({rows}) AS rows GROUP BY id"


def _listed(cursor: CursorWrapper, record: Record, most: int) -> list[dict[str, str]]:
    cursor.execute(
        f"SELECT id, reason FROM ({_verdicts(record)}) AS verdict WHERE reason IS NOT NULL ORDER BY id LIMIT %s",
        [max(0, most)],
    )
    reasons = dict(cursor.fetchall())
    objects: QuerySet[Model] = QuerySet(record.model).filter(pk__in=reasons).order_by("pk")
    if record.model in {Visit, Appointment}:
        objects = objects.select_related("store", "client")
    elif record.model is OpeningBalance:
        objects = objects.select_related("client")
    return [{"table": record.table, "label": record_label(one), "reason": reasons[one.pk]} for one in objects]
