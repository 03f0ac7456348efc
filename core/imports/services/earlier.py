"""Earlier imports of the same file, and of visits of the same days and stores, named before they count twice."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.models import ImportRun, Kind
from core.imports.services.results import Finding
from core.shared.chain import chain_date
from core.shared.figures import count, day
from core.shared.sentences import join_sentences

# The same days and stores came before where as much of the file lies in them; its visits are known from there where so
# many of those are.
BY_FAR, MOSTLY_KNOWN = 0.5, 0.9
# Imports that are compared, the latest ones.
MOST_COMPARED = 100
# Days from the first to the last of them, with the number of visits.
Spans = dict[str, tuple[date, date, int]]


@dataclass(frozen=True)
class Overlap:
    """The import that shares most days, how many others do, and the share of the file's visits in those days."""

    run: ImportRun
    others: int
    share: float


def digest_of(path: Path) -> str:
    """Of the bytes of a file: the same under every name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_file_findings(digest: str, kind: str, *, run: ImportRun | None, adds_lines: bool) -> list[Finding]:
    """What is there of the same file; `adds_lines` where another reading of it adds to days that are known."""
    same = ImportRun.objects.filter(file_digest=digest, kind=kind).exclude(pk=run.pk if run else uuid.UUID(int=0))
    same = same.select_related("created_by")
    if imported := _imported(same).first():
        message = _("This is the same file as “%(file)s”, imported on %(day)s.")
        if imported.created_by:
            message = _("This is the same file as “%(file)s”, imported on %(day)s by %(who)s.")
        if adds_lines:
            effect = _("Its lines would be added once more, and count twice.")
        else:
            effect = _("What is still as the file says stays; what was changed since becomes as in the file again.")
        return [_finding("warning", "same_file", message, imported, effect)]
    if waiting := same.exclude(status=ImportRun.Status.DONE, dry_run=False).filter(files_deleted_at=None).first():
        message = _("The same file is here as “%(file)s”, uploaded on %(day)s and not imported yet.")
        effect = _("Import one of the two; the other can stay as it is.")
        return [_finding("note", "same_file_waiting", message, waiting, effect)]
    return []


def spans_of_visits(cursor: CursorWrapper) -> Spans:
    """Of the staged visits, by store."""
    cursor.execute("SELECT store_id, min(day), max(day), count(*) FROM import_visit GROUP BY 1")
    return {str(store): (first, last, int(visits)) for store, first, last, visits in cursor.fetchall()}


def spans_as_json(spans: Spans) -> dict[str, Any]:
    """With the days of all stores, by which a run is found."""
    if not spans:
        return {}
    return {
        "first": min(first for first, _last, _visits in spans.values()).isoformat(),
        "last": max(last for _first, last, _visits in spans.values()).isoformat(),
        "stores": {
            store: [first.isoformat(), last.isoformat(), visits] for store, (first, last, visits) in spans.items()
        },
    }


def overlap_findings(spans: Spans, *, known: int, new: int) -> list[Finding]:
    """Of a file of so many visits that are known and new."""
    overlap = find_overlap(spans)
    if overlap is None:
        return []
    message = _("Visits of these days and stores came before with “%(file)s”, imported on %(day)s.")
    if overlap.others:
        message = ngettext(
            "Visits of these days and stores came before with “%(file)s”, imported on %(day)s, and %(n)d other file.",
            "Visits of these days and stores came before with “%(file)s”, imported on %(day)s, and %(n)d other files.",
            overlap.others,
        )
    if known >= MOSTLY_KNOWN * overlap.share * (known + new):
        effect = _("%s visits of this file are known from there and are not counted twice.") % count(known)
        return [_finding("note", "overlap", message, overlap.run, effect, others=overlap.others)]
    sentence = ngettext(
        "%s visit of this file would be new beside them: if it is one of theirs, it would count twice.",
        "%s visits of this file would be new beside them: if they are the same, they would count twice.",
        new,
    )
    mend = _("Is this file the correction of that one? Then have it replace that import.")
    effect = join_sentences([sentence % count(new), mend])
    return [_finding("warning", "overlap", message, overlap.run, effect, others=overlap.others)]


def find_overlap(spans: Spans) -> Overlap | None:
    """None where not by far."""
    total = sum(visits for _first, _last, visits in spans.values())
    shares: list[tuple[float, uuid.UUID]] = []
    covered: dict[str, list[tuple[date, date]]] = {store: [] for store in spans}
    for run_id, told_stores in _spans_of_imports(spans):
        theirs = {store: _span(told) for store, told in told_stores.items() if store in spans}
        shares.append((_shared(spans, {store: [span] for store, span in theirs.items()}), run_id))
        for store, span in theirs.items():
            covered[store].append(span)
    share = _shared(spans, covered) / total if total else 0.0
    if share < BY_FAR:
        return None
    found = [one for one in shares if one[0] > 0]
    run = ImportRun.objects.get(pk=max(found, key=itemgetter(0))[1])
    return Overlap(run, len(found) - 1, share)


def _imported(runs: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
    """Those whose records are there."""
    return runs.filter(status=ImportRun.Status.DONE, dry_run=False, undone_at=None)


def _spans_of_imports(spans: Spans) -> Iterable[tuple[uuid.UUID, dict[str, Any]]]:
    """Of those with visits between the first and the last day."""
    told = spans_as_json(spans)
    if not told:
        return []
    runs = _imported(ImportRun.objects.filter(kind=Kind.VISITS))
    near = runs.filter(summary__span__first__lte=told["last"], summary__span__last__gte=told["first"])
    return near.values_list("pk", "summary__span__stores")[:MOST_COMPARED]


def _span(told: list[Any]) -> tuple[date, date]:
    return date.fromisoformat(told[0]), date.fromisoformat(told[1])


def _shared(spans: Spans, theirs: Mapping[str, list[tuple[date, date]]]) -> float:
    """How many of the visits lie in those days, were they spread evenly over their own."""
    found = 0.0
    for store, others in theirs.items():
        first, last, visits = spans[store]
        days = (last - first).days + 1
        found += visits * _days_covered(first, last, others) / days
    return found


def _days_covered(first: date, last: date, spans: list[tuple[date, date]]) -> int:
    covered, reached = 0, first
    for their_first, their_last in sorted(spans):
        begin, end = max(their_first, reached), min(their_last, last)
        if begin <= end:
            covered += (end - begin).days + 1
            reached = end + timedelta(days=1)
    return covered


def _finding(level: Any, code: str, message: str, run: ImportRun, effect: str, *, others: int = 0) -> Finding:
    values = {
        "file": run.file_name,
        "day": day(chain_date(run.created_at)),
        "who": run.created_by or "",
        "n": others,
    }
    return Finding(level, code, message % values, effect=effect, earlier=str(run.pk))
