"""Streams the audit trail as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.audit.actions import actions, kinds
from core.audit.models import AuditEntry
from core.audit.selectors import EntryFilter, all_entries
from core.shared.chain import current_chain
from core.shared.spreadsheets import escape_formulas


def csv_chunks(filters: EntryFilter) -> Iterator[bytes]:
    """Labels are translated now, while the reader's language is active; rows are read as they are sent."""
    header = [
        _("When"), _("Who"), _("What"), _("Code of the action"), _("Kind of object"), _("Object"), _("Number"),
        _("Before"), _("After"), _("Address of the network"), _("Device"),
    ]  # fmt: skip
    words = {**actions(), **kinds()}
    return _rows(header, words, ZoneInfo(current_chain().time_zone), filters)


def _rows(header: list[str], words: dict[str, str], zone: ZoneInfo, filters: EntryFilter) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # The mark by which spreadsheets know UTF-8.
    buffer.write("\ufeff")
    writer.writerow(header)
    for number, entry in enumerate(all_entries(filters), start=1):
        writer.writerow([escape_formulas(cell) for cell in _cells(entry, words, zone)])
        if number % 200 == 0:
            yield _flush(buffer)
    yield _flush(buffer)


def _cells(entry: AuditEntry, words: dict[str, str], zone: ZoneInfo) -> list[str]:
    return [
        entry.at.astimezone(zone).isoformat(timespec="seconds"),
        entry.actor,
        words.get(entry.action, entry.action),
        entry.action,
        words.get(entry.subject_type, entry.subject_type),
        entry.subject_label,
        entry.subject_id,
        _json(entry.before),
        _json(entry.after),
        entry.ip or "",
        entry.device,
    ]


def _json(fields: Any) -> str:
    return "" if fields is None else json.dumps(fields, ensure_ascii=False)


def _flush(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
