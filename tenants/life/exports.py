"""Exports that owners ask for: one at a time, made in the background as jobs of the chain, deleted after a week."""

import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.models import User
from core.audit.declaration import Action as TrailAction
from core.audit.trail import record
from core.jobs.models import Job, State
from core.jobs.presentation import ShownJob, shown
from core.jobs.queue import add_job
from core.jobs.tasks import send_after_commit
from core.jobs.work import Work
from core.shared.chain import current_chain, outside_chain
from core.shared.errors import AppError
from tenants.life.archive.writer import write_archive
from tenants.life.declaration import Action as ChainAction
from tenants.life.folders import exports_folder
from tenants.life.ownership import audit_subject, require_owner
from tenants.models import Chain

# The kind of their jobs, and what there is one of at a time.
JOB = SUBJECT = "export"
MOST_LISTED = 10
# Seconds; a job is ended sooner.
PATIENCE_OF_DRAFTS = 24 * 3600


@dataclass(frozen=True)
class Export:
    """An archive of the chain: under way, there to be fetched, or why not."""

    job: Job
    word: str | Promise
    is_ready: bool

    @property
    def size(self) -> int:
        return int(self.job.result.get("size", 0))


def ask_export(chain: Chain, *, acting_user: User | None) -> Job:
    """Called inside the chain. Raises AppError: not an owner, one is being made already."""
    require_owner(acting_user)
    with transaction.atomic():
        try:
            job = add_job(JOB, subject=SUBJECT, user=acting_user)
        except AppError as error:
            raise (under_way() if error.code == "under_way" else error) from error
        record(action=ChainAction.CHAIN_EXPORT_ASKED, acting_user=acting_user, subject=audit_subject(chain))
        send_after_commit(job)
    return job


def make_export(work: Work) -> dict[str, Any]:
    """The background's part. What a process left that was killed is written anew."""
    schema = current_chain().schema_name
    target = place_of(work.job, schema)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with outside_chain():
        chain = Chain.objects.get(schema_name=schema)
    write_archive(chain, target, on_progress=work.count)
    return {"size": target.stat().st_size}


def under_way() -> AppError:
    return AppError("export_under_way", _("An export is being made already."), status=409)


def download(chain: Chain, export_id: str, *, acting_user: User | None) -> tuple[Job, Path]:
    """Called inside the chain. Raises AppError: not an owner, not there (any more)."""
    require_owner(acting_user)
    job = Job.objects.filter(pk=export_id, kind=JOB, state=State.DONE).first()
    if job is None or not place_of(job, chain.schema_name).is_file():
        raise AppError("export_gone", _("This export is not there, or has been deleted."), status=404)
    size = {"bytes": job.result["size"]}
    record(action=TrailAction.EXPORTED, acting_user=acting_user, subject=audit_subject(chain), after=size)
    return job, place_of(job, chain.schema_name)


def exports(chain: Chain) -> list[Export]:
    """The newest first. Called inside the chain."""
    return [_listed(job, chain) for job in Job.objects.filter(kind=JOB)[:MOST_LISTED]]


def work_under_way(made: list[Export]) -> ShownJob | None:
    return next((shown(export.job) for export in made if export.job.is_open), None)


def problem_of(made: list[Export]) -> str:
    """Why the last one failed, if it did."""
    return made[0].job.error if made and made[0].job.state in {State.FAILED, State.REFUSED} else ""


def delete_old_exports() -> int:
    """Hourly, whatever chain they are of: an archive is deleted some days after it was made."""
    before = time.time() - timedelta(days=settings.KEEP_EXPORTS_DAYS).total_seconds()
    old = [path for path in Path(settings.EXPORT_ROOT).glob("[!.]*/*.zip") if path.lstat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def delete_leftovers() -> int:
    """What a process that was killed left half written: drafts of archives, and folders that were being restored."""
    drafts = [*Path(settings.EXPORT_ROOT).glob("*/.*.part"), *Path(settings.MEDIA_ROOT).glob(".restoring-*")]
    old = [path for path in drafts if path.lstat().st_mtime < time.time() - PATIENCE_OF_DRAFTS]
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(old)


def place_of(job: Job, schema: str) -> Path:
    return exports_folder(schema) / f"{job.pk}.zip"


def _listed(job: Job, chain: Chain) -> Export:
    if job.state != State.DONE:
        return Export(job, job.get_state_display(), is_ready=False)
    is_ready = place_of(job, chain.schema_name).is_file()
    return Export(job, _READY if is_ready else _DELETED, is_ready=is_ready)


_READY, _DELETED = gettext_lazy("ready"), gettext_lazy("deleted")
