"""Exports that owners ask for: one at a time, made in the background, deleted after a week."""

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.actions import Action
from core.audit.trail import record
from core.shared.constraints import violated
from core.shared.errors import AppError
from core.shared.sending import send, send_after_commit
from tenants.life import tasks
from tenants.life.archive.writing import write_archive
from tenants.life.folders import exports_of
from tenants.life.models import ChainExport
from tenants.life.owners import as_subject, named, require_owner
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform

Status = ChainExport.Status
ONE_AT_A_TIME = "life_one_export_at_a_time"
PROGRESS_SECONDS = 3600
# A worker that has not told of progress for so long is gone.
PATIENCE = timedelta(minutes=30)
# Seconds; the largest archive takes less.
PATIENCE_OF_DRAFTS = 24 * 3600
logger = logging.getLogger(__name__)


def ask_export(chain: Chain, *, acting_user: User | None) -> ChainExport:
    """Called inside the chain. Raises AppError: not an owner, one is being made already."""
    require_owner(acting_user)
    try:
        with transaction.atomic():
            with as_platform():
                _give_up_lost(chain)
                asked = ChainExport.objects.create(chain=chain, asked_by=named(acting_user))
            record(action=Action.CHAIN_EXPORT_ASKED, acting_user=acting_user, subject=as_subject(chain))
            send_after_commit(tasks.make_export, str(asked.pk))
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        raise under_way() from error
    return asked


def make_export(export_id: str) -> None:
    """The background's part. Does nothing for one that is not waiting: a message may come twice."""
    with as_platform():
        _make(export_id)


def _make(export_id: str) -> None:
    taken = ChainExport.objects.filter(pk=export_id, status=Status.WAITING).update(
        status=Status.RUNNING, started_at=timezone.now()
    )
    if not taken:
        return
    export = ChainExport.objects.select_related("chain").get(pk=export_id)
    try:
        target = place_of(export)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_archive(export.chain, target, on_progress=_Teller(export))
        _end(export, Status.DONE, target.stat().st_size)
    except BaseException:
        _end(export, Status.FAILED)
        raise


def make_again(export_id: str) -> None:
    """Outside any chain, for one that failed, or waits since its message was lost. Another time it changes nothing."""
    failed = ChainExport.objects.filter(pk=export_id, status=Status.FAILED)
    try:
        with transaction.atomic():
            failed.update(status=Status.WAITING, started_at=None, finished_at=None)
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        raise under_way() from error
    if ChainExport.objects.filter(pk=export_id, status=Status.WAITING).exists():
        send_after_commit(tasks.make_export, export_id)


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
    with as_platform():
        return list(ChainExport.objects.filter(chain=chain)[:10])


def progress_of(export: ChainExport) -> int:
    """In percent. Called inside the chain."""
    return int(cache.get(_key(export)) or 0)


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


def send_waiting() -> int:
    """Those whose message was lost, again."""
    waiting = ChainExport.objects.filter(
        status=Status.WAITING, asked_at__lt=timezone.now() - timedelta(minutes=1)
    ).values_list("pk", flat=True)
    for pk in waiting:
        send(tasks.make_export, str(pk))
    return len(waiting)


def place_of(export: ChainExport, chain: Chain | None = None) -> Path:
    return exports_of((chain or export.chain).schema_name) / f"{export.pk}.zip"


def _give_up_lost(chain: Chain) -> None:
    """A worker that was killed never says so; it must not bar the next export for ever."""
    lost = ChainExport.objects.filter(chain=chain, status=Status.RUNNING, started_at__lt=timezone.now() - PATIENCE)
    lost.update(status=Status.FAILED, finished_at=timezone.now())


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
