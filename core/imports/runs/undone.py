"""What taking an import back came to, or would come to, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise

from core.imports.models import ImportRun
from core.merging.services.labels import REASONS, WHAT


@dataclass(frozen=True)
class Line:
    """Of one kind of record."""

    what: Promise | str
    removed: int
    restored: int
    kept: int


@dataclass(frozen=True)
class Kept:
    what: Promise | str
    label: str
    reason: Promise | str


def lines_of(run: ImportRun) -> list[Line] | None:
    """None where it has not been looked at."""
    if run.undo is None:
        return None
    return [Line(WHAT.get(table, table), **counts) for table, counts in run.undo["tables"].items()]


def kept_of(run: ImportRun) -> list[Kept]:
    """The first of them, by name."""
    return [
        Kept(WHAT.get(one["table"], one["table"]), one["label"], REASONS.get(one["reason"], one["reason"]))
        for one in (run.undo or {}).get("records", ())
    ]
