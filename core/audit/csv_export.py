"""Streams the audit trail as CSV."""

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.audit.actions import actions, kinds
from core.audit.models import AuditEntry
from core.audit.selectors import EntryFilter, all_entries
from core.shared.chain import current_chain
from core.shared.spreadsheets import csv_line

LINES_A_CHUNK = 200


def csv_chunks(filters: EntryFilter) -> Iterator[bytes]:
    """Labels are translated now, while the reader's language is active; rows are read as they are sent."""
    header = [
        _("When"), _("Who"), _("What"), _("Code of the action"), _("Kind of object"), _("Object"), _("Number"),
        _("Before"), _("After"), _("Address of the network"), _("Device"),
    ]  # fmt: skip
    labels = {**actions(), **kinds()}
    return _chunks(header, labels, ZoneInfo(current_chain().time_zone), filters)


def _chunks(header: list[str], labels: dict[str, str], zone: ZoneInfo, filters: EntryFilter) -> Iterator[bytes]:
    # It begins with the mark by which spreadsheets know UTF-8.
    lines = ["\ufeff", csv_line(header)]
    for entry in all_entries(filters):
        lines.append(csv_line(_cells(entry, labels, zone)))
        if len(lines) >= LINES_A_CHUNK:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def _cells(entry: AuditEntry, labels: dict[str, str], zone: ZoneInfo) -> list[str]:
    return [
        entry.at.astimezone(zone).isoformat(timespec="seconds"),
        entry.actor,
        labels.get(entry.action, entry.action),
        entry.action,
        labels.get(entry.subject_type, entry.subject_type),
        entry.subject_label,
        entry.subject_id,
        _json(entry.before),
        _json(entry.after),
        entry.ip or "",
        entry.device,
    ]


def _json(fields: Any) -> str:
    return "" if fields is None else json.dumps(fields, ensure_ascii=False)
