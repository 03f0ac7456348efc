"""Exports that owners ask for: one at a time, made in the background, deleted after a week."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.actions import Action
from core.audit.trail import record
from core.jobs.base import Waiting, send_lost, send_next
from core.shared.chain import current_chain
from core.shared.constraints import violated
from core.shared.errors import AppError
from core.shared.locks import is_locked, try_lock
from tenants.life.archive.writing import write_archive
from tenants.life.folders import exports_of
from tenants.life.models import ChainExport
from tenants.life.owners import as_subject, named, require_owner
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform

Status = ChainExport.Status
ONE_AT_A_TIME = "life_one_export_at_a_time"
PROGRESS_SECONDS = 3600
# Seconds; a job is ended sooner.
PATIENCE_OF_DRAFTS = 24 * 3600


def ask_export(chain: Chain, *, acting_user: User | None) -> ChainExport:
    """Called inside the chain. Raises AppError: not an owner, one is being made already."""
    require_owner(acting_user)
    try:
        with transaction.atomic():
            with as_platform():
                give_up_interrupted(chain)
                asked = ChainExport.objects.create(chain=chain, asked_by=named(acting_user))
            record(action=Action.CHAIN_EXPORT_ASKED, acting_user=acting_user, subject=as_subject(chain))
            transaction.on_commit(lambda: _send(asked), robust=True)
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        raise under_way() from error
    return asked


def make_export(export_id: str) -> bool:
    """The background's part. Whether there was work: a message may come twice."""
    with as_platform(), try_lock(_lock_of(export_id)) as mine:
        return mine and _make(export_id)


def _make(export_id: str) -> bool:
    export = ChainExport.objects.select_related("chain").filter(pk=export_id).first()
    if export is None:
        return False
    taken = ChainExport.objects.filter(pk=export_id, status=Status.WAITING).update(
        status=Status.RUNNING, started_at=timezone.now()
    )
    if not taken:
        # Its lock is ours: one that is said to be running was interrupted.
        return _fail(export_id)
    try:
        target = place_of(export)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_archive(export.chain, target, on_progress=_Teller(export))
        _end(export, Status.DONE, target.stat().st_size)
    except SoftTimeLimitExceeded:
        _end(export, Status.FAILED)
    except BaseException:
        _end(export, Status.FAILED)
        raise
    return True


def make_again(export_id: str) -> None:
    """Outside any chain, for one that failed, was interrupted, or waits. Another time it changes nothing."""
    give_up_interrupted()
    failed = ChainExport.objects.filter(pk=export_id, status=Status.FAILED)
    try:
        with transaction.atomic():
            failed.update(status=Status.WAITING, started_at=None, finished_at=None)
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        raise under_way() from error
    waiting = ChainExport.objects.select_related("chain").filter(pk=export_id, status=Status.WAITING).first()
    if waiting is not None:
        transaction.on_commit(lambda: _send(waiting), robust=True)


def under_way() -> AppError:
    return AppError("export_under_way", _("An export is being made already."), status=409)


def download(chain: Chain, export_id: str, *, acting_user: User | None) -> tuple[ChainExport, Path]:
    """Called inside the chain. Raises AppError: not an owner, none of this chain's, not there (any more)."""
    require_owner(acting_user)
    with as_platform():
        export = ChainExport.objects.filter(pk=export_id, chain=chain, status=Status.DONE).first()
    if export is None or not place_of(export, chain).is_file():
        raise AppError("export_gone", _("This export is not there, or has been deleted."), status=404)
    record(action=Action.EXPORTED, acting_user=acting_user, subject=as_subject(chain), after={"bytes": export.size})
    return export, place_of(export, chain)


def exports(chain: Chain) -> list[ChainExport]:
    """Called inside the chain. One whose worker was killed has failed, and one whose message was lost is sent again."""
    send_lost()
    with as_platform():
        give_up_interrupted(chain)
        return list(ChainExport.objects.filter(chain=chain)[:10])


def progress_of(export: ChainExport) -> int:
    """In percent. Called inside the chain."""
    return int(cache.get(_key(export)) or 0)


def problem_of(export: ChainExport) -> str:
    """Why one that failed did, for its owner."""
    if export.status != Status.FAILED:
        return ""
    limit = timedelta(seconds=settings.JOB_SOFT_TIME_LIMIT)
    if export.started_at and export.finished_at and export.finished_at - export.started_at >= limit:
        return _("The last export took longer than one may and was ended. Nothing of it was kept.")
    return _("The last export was interrupted. Nothing of it was kept; make another one.")


def delete_old_exports() -> int:
    """Hourly, outside any chain."""
    before = timezone.now() - timedelta(days=settings.KEEP_EXPORTS_DAYS)
    deleted = 0
    for export in ChainExport.objects.filter(status=Status.DONE, finished_at__lt=before).select_related("chain"):
        place_of(export).unlink(missing_ok=True)
        export.status = Status.DELETED
        export.save(update_fields=["status"])
        deleted += 1
    return deleted


def delete_leftovers() -> int:
    """What a process that was killed left half written: drafts of archives, and folders that were being restored."""
    drafts = [*Path(settings.EXPORT_ROOT).glob("*/.*.part"), *Path(settings.MEDIA_ROOT).glob(".restoring-*")]
    old = [path for path in drafts if path.lstat().st_mtime < time.time() - PATIENCE_OF_DRAFTS]
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(old)


def first_waiting() -> Waiting | None:
    """Of the chain entered; there is one at most."""
    chain = current_chain().schema_name
    with as_platform():
        export = ChainExport.objects.filter(chain__schema_name=chain, status=Status.WAITING).first()
    return Waiting((str(export.pk),), export.asked_at) if export else None


def place_of(export: ChainExport, chain: Chain | None = None) -> Path:
    return exports_of((chain or export.chain).schema_name) / f"{export.pk}.zip"


def give_up_interrupted(chain: Chain | None = None) -> None:
    """Outside any chain: those whose worker was killed have failed, of one chain or of all."""
    running = ChainExport.objects.filter(status=Status.RUNNING, **({"chain": chain} if chain else {}))
    for pk in running.values_list("pk", flat=True):
        if not is_locked(_lock_of(str(pk))):
            _fail(str(pk))


def _fail(export_id: str) -> bool:
    """Whether it was said to be running, although nobody is at it."""
    running = ChainExport.objects.filter(pk=export_id, status=Status.RUNNING)
    return bool(running.update(status=Status.FAILED, finished_at=timezone.now()))


def _send(export: ChainExport) -> None:
    with tenant_context(export.chain):
        send_next(str(export.pk))


def _lock_of(export_id: str) -> str:
    """Held by the worker that makes the export."""
    return f"export {export_id}"


def _end(export: ChainExport, status: str, size: int = 0) -> None:
    export.status, export.size, export.finished_at = status, size, timezone.now()
    export.save(update_fields=["status", "size", "finished_at"])


class _Teller:
    """Tells how far it is, in the chain's own part of the cache; a percent at a time."""

    def __init__(self, export: ChainExport) -> None:
        self._export, self._told = export, -1

    def __call__(self, done: int, total: int) -> None:
        percent = done * 100 // total
        if percent != self._told:
            self._told = percent
            with tenant_context(self._export.chain):
                cache.set(_key(self._export), percent, PROGRESS_SECONDS)


def _key(export: ChainExport) -> str:
    return f"export:{export.pk}"
