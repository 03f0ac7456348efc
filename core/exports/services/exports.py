"""Exports that people ask for: one at a time, made in the background, deleted some days later."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.gates import lacks_right
from core.accounts.models import User
from core.audit.declaration import Action as TrailAction
from core.audit.trail import Subject, record
from core.exports.declaration import EXPORT_TABLES, Action, Kind
from core.exports.services.writing import write_tables
from core.jobs.models import Job, State
from core.jobs.queue import add_job
from core.jobs.tasks import send_after_commit
from core.jobs.work import Work
from core.profiles.declaration import SEE_CLIENTS
from core.shared.chain import current_chain
from core.shared.errors import AppError

# The kind of their jobs, and what there is one of at a time.
JOB = SUBJECT = "tables"
MOST_LISTED = 20


@dataclass(frozen=True)
class Export:
    job: Job
    is_ready: bool
    # Whether the user may fetch it.
    is_open: bool

    @property
    def personal(self) -> bool:
        return bool(self.job.arguments["personal"])

    @property
    def size(self) -> int:
        return int(self.job.result.get("size", 0))


def start_export(*, personal: bool, acting_user: User) -> Job:
    """Raises AppError: no right to that data, one is being made already."""
    _require(acting_user, personal=personal)
    with transaction.atomic():
        job = add_job(JOB, subject=SUBJECT, arguments={"personal": personal}, user=acting_user)
        record(action=Action.TABLES_ASKED, acting_user=acting_user, subject=_subject(job), after={"personal": personal})
        send_after_commit(job)
    return job


def make_export(work: Work) -> Mapping[str, Any]:
    """The background's part; rights are asked for again, as they may have changed."""
    personal = bool(work.job.arguments["personal"])
    if work.user is None:
        raise lacks_right(EXPORT_TABLES)
    _require(work.user, personal=personal)
    target = _place(work.job)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = write_tables(target, personal=personal, on_progress=work.count)
    return {"size": target.stat().st_size, "rows": rows}


def export_file(export_id: str, *, acting_user: User) -> tuple[Job, Path]:
    """Traced. Raises AppError: no right to that data, not there (any more)."""
    _require(acting_user, personal=False)
    job = Job.objects.filter(pk=export_id, kind=JOB, state=State.DONE).first()
    if job is None or not _place(job).is_file():
        raise AppError("export_gone", _("This export is not there, or has been deleted."), status=404)
    _require(acting_user, personal=bool(job.arguments["personal"]))
    after = {"personal": job.arguments["personal"], "bytes": job.result["size"]}
    record(action=TrailAction.EXPORTED, acting_user=acting_user, subject=_subject(job), after=after)
    return job, _place(job)


def listed_exports(user: User) -> list[Export]:
    """The newest first."""
    jobs = Job.objects.filter(kind=JOB).order_by("-asked_at")[:MOST_LISTED]
    return [
        Export(
            job,
            is_ready=job.state == State.DONE and _place(job).is_file(),
            is_open=may_have(user, personal=bool(job.arguments["personal"])),
        )
        for job in jobs
    ]


def may_have(user: User, *, personal: bool) -> bool:
    return user.may(EXPORT_TABLES) and (not personal or user.may(SEE_CLIENTS))


def _require(user: User, *, personal: bool) -> None:
    if not may_have(user, personal=personal):
        raise lacks_right(SEE_CLIENTS if user.may(EXPORT_TABLES) else EXPORT_TABLES)


def _subject(job: Job) -> Subject:
    return Subject(Kind.TABLES, str(job.pk), current_chain().name)


def _place(job: Job) -> Path:
    """In the chain's folder of exports, of which old ones are deleted hourly."""
    return Path(settings.EXPORT_ROOT) / current_chain().schema_name / f"{job.pk}.zip"
