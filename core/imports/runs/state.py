"""Where an import stands, for the page."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from core.imports.models import ImportRun
from core.imports.runs.labels import PHASES
from core.imports.services.results import Progress
from core.jobs.base import LOST_AFTER, Waiting
from core.shared.errors import AppError
from core.shared.locks import is_locked, jobs_lock

Status = ImportRun.Status
KEPT_SECONDS = 3600
# Beside the summary's own, until there is one: who has started the import.
STARTED_BY = "started_by"


def tell(run: ImportRun, progress: Progress) -> None:
    """Outside the import's transaction, so that every web process sees it."""
    cache.set(_key(run), asdict(progress), KEPT_SECONDS)


def progress_of(run: ImportRun) -> Progress | None:
    told: dict[str, Any] | None = cache.get(_key(run))
    return Progress(**told) if told else None


def forget_progress(run: ImportRun) -> None:
    cache.delete(_key(run))


def _key(run: ImportRun) -> str:
    return f"imports:progress:{run.pk}"


def lock_of(run: ImportRun) -> str:
    """Held by the worker that is at the import."""
    return f"import {run.pk}"


def first_waiting() -> Waiting | None:
    """The import that has waited longest for a worker."""
    run = ImportRun.objects.filter(status=Status.QUEUED).order_by("started_at", "pk").first()
    if run is None:
        return None
    user_id, operator = run.summary.get(STARTED_BY) or (run.created_by_id, "")
    return Waiting((str(run.pk), user_id), run.started_at or run.created_at, operator)


def is_interrupted(run: ImportRun) -> bool:
    """Its worker has ended without a word: killed, or the machine with it."""
    if run.status != Status.RUNNING or is_locked(lock_of(run)):
        return False
    run.refresh_from_db()
    return run.status == Status.RUNNING


def is_left_waiting(run: ImportRun) -> bool:
    """Although nothing else of the chain is at work."""
    if run.status != Status.QUEUED or run.started_at is None or run.started_at > timezone.now() - LOST_AFTER:
        return False
    return not is_locked(jobs_lock())


def is_under_way(run: ImportRun) -> bool:
    return run.status in {Status.QUEUED, Status.RUNNING}


def is_imported(run: ImportRun) -> bool:
    return run.status == Status.DONE and not run.dry_run


@dataclass(frozen=True)
class Stage:
    """How far a running import is; `percent` is None while there is nothing to count."""

    title: str
    done: int = 0
    total: int = 0
    percent: int | None = None
    rate: int | None = None
    remaining: str = ""


def stage_of(run: ImportRun) -> Stage:
    if run.status == Status.QUEUED and is_locked(jobs_lock()):
        return Stage(_("Waiting for other work of the chain to end"))
    progress = progress_of(run)
    if run.status == Status.QUEUED or progress is None:
        return Stage(_("Waiting for its turn"))
    title = str(PHASES.get(progress.phase, progress.phase))
    if progress.phase != "reading" or not progress.total:
        return Stage(title)
    return Stage(
        title,
        progress.done,
        progress.total,
        min(100, progress.done * 100 // progress.total),
        round(progress.rate) or None,
        _duration(progress.remaining_seconds),
    )


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return _("about %d s left") % max(1, round(seconds))
    return _("about %d min left") % round(seconds / 60)


def interrupted() -> AppError:
    message = _("The work on this file was interrupted. Nothing of it was kept; start again.")
    return AppError("interrupted", message, status=409)


def took_too_long() -> AppError:
    message = _("This took longer than a file may take. Nothing of it was kept; bring it in in parts.")
    return AppError("took_too_long", message, status=503)
