"""A new chain from an archive that an operator has uploaded, made in the background."""

import logging
import time
from datetime import timedelta
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.jobs.base import Waiting, send_next
from core.shared.addresses import chains_host
from core.shared.errors import AppError
from core.shared.locks import is_locked, try_lock
from core.shared.origin import as_operator
from tenants.console.log import note
from tenants.console.models import Restoration
from tenants.life.restoring import restore_chain
from tenants.provisioning.checks import checked_domain, checked_name
from tenants.signup import names

Status = Restoration.Status
KEPT = timedelta(days=7)
PROGRESS_SECONDS = 3600
TELL_EVERY = 0.5
FIELD = "archive"
logger = logging.getLogger(__name__)


def place_of(restoration: Restoration) -> Path:
    return folder() / f"{restoration.pk}.zip"


def folder() -> Path:
    """Beside the exports of the chains: a schema's name has no dot."""
    return Path(settings.EXPORT_ROOT) / ".restorations"


def ask_restoration(*, acting_user: User, archive: Path, file_name: str, address: str, name: str = "") -> Restoration:
    """`archive` is moved to where it stays until the chain is there. Raises AppError: no possible address or name."""
    schema = checked_address(address)
    kept = checked_name(name) if name.strip() else ""
    with transaction.atomic():
        asked = Restoration.objects.create(
            schema=schema,
            name=kept,
            file_name=file_name[-255:],
            size=archive.stat().st_size,
            asked_by=acting_user.email,
        )
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        archive.replace(place_of(asked))
        note(acting_user, asked_for(schema))
        transaction.on_commit(lambda: send_next(str(asked.pk)), robust=True)
    return asked


def asked_for(schema: str) -> str:
    """As it stands in the log."""
    return f"Restoration as {schema} asked for"


def checked_address(address: str) -> str:
    """The schema of an address; what is wrong with it names the form's field."""
    schema = names.checked(address).replace("-", "_")
    try:
        checked_domain(domain_of(schema), schema=schema)
    except AppError as error:
        raise AppError(error.code, error.message, field="address", status=error.status) from error
    return schema


def domain_of(schema: str) -> str:
    return f"{schema.replace('_', '-')}.{chains_host()}"


def restore(restoration_id: str) -> bool:
    """The background's part. Whether there was work: a message may come twice."""
    with try_lock(_lock_of(restoration_id)) as mine:
        return mine and _restore(restoration_id)


def _restore(restoration_id: str) -> bool:
    waiting = Restoration.objects.filter(pk=restoration_id, status=Status.WAITING)
    if not waiting.update(status=Status.RUNNING, started_at=timezone.now()):
        # Its lock is ours: one that is said to be running was interrupted.
        return _fail(restoration_id)
    one = Restoration.objects.get(pk=restoration_id)
    try:
        # That it is done is known as soon as the chain is there: tried again, it would be refused as taken.
        with as_operator(one.asked_by), transaction.atomic():
            restore_chain(
                archive=place_of(one),
                schema=one.schema,
                domain=domain_of(one.schema),
                name=one.name or None,
                on_progress=_Teller(one),
            )
            _end(one, Status.DONE)
    except AppError as error:
        _end(one, Status.REFUSED, str(error.message))
        place_of(one).unlink(missing_ok=True)
    except SoftTimeLimitExceeded:
        _end(one, Status.FAILED, _("This took longer than a restoration may. Nothing was kept."))
    except Exception:
        logger.exception("The restoration %s failed.", one.pk)
        _end(one, Status.FAILED, _("Something went wrong on our side. Nothing was kept; try again."))
    else:
        place_of(one).unlink(missing_ok=True)
    return True


def first_waiting() -> Waiting | None:
    one = Restoration.objects.filter(status=Status.WAITING).order_by("asked_at").first()
    return Waiting((str(one.pk),), one.asked_at) if one else None


def start_again(restoration_id: str) -> None:
    """For one that failed, was interrupted, or waits. Raises AppError where the archive is gone."""
    give_up_interrupted()
    one = Restoration.objects.filter(pk=restoration_id).first()
    if one is None or not place_of(one).is_file():
        raise AppError("archive_gone", _("The archive has been deleted. Upload it again."), status=410)
    ready = [Status.FAILED, Status.WAITING]
    if Restoration.objects.filter(pk=one.pk, status__in=ready).update(status=Status.WAITING, problem=""):
        transaction.on_commit(lambda: send_next(str(one.pk)), robust=True)


def give_up_interrupted() -> None:
    """Those whose worker was killed have failed."""
    for pk in Restoration.objects.filter(status=Status.RUNNING).values_list("pk", flat=True):
        if not is_locked(_lock_of(str(pk))):
            _fail(str(pk))


def _fail(restoration_id: str) -> bool:
    """Whether it was said to be running, although nobody is at it."""
    problem = _("The restoration was interrupted. Nothing was kept; try again.")
    running = Restoration.objects.filter(pk=restoration_id, status=Status.RUNNING)
    return bool(running.update(status=Status.FAILED, problem=problem, finished_at=timezone.now()))


def _lock_of(restoration_id: str) -> str:
    """Held by the worker that is at it."""
    return f"restoration {restoration_id}"


def progress_of(restoration: Restoration) -> int:
    """In percent."""
    return int(cache.get(_key(restoration)) or 0)


def delete_old_archives() -> None:
    """Those of restorations that nobody tried again, and of what a killed process left."""
    before = (timezone.now() - KEPT).timestamp()
    for path in folder().glob("*"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _end(one: Restoration, status: str, problem: str = "") -> None:
    one.status, one.problem, one.finished_at = status, problem, timezone.now()
    one.save(update_fields=["status", "problem", "finished_at"])
    cache.delete(_key(one))


class _Teller:
    def __init__(self, restoration: Restoration) -> None:
        self._key, self._told = _key(restoration), 0.0
        cache.set(self._key, 0, PROGRESS_SECONDS)

    def __call__(self, done: int, total: int) -> None:
        if (now := time.monotonic()) - self._told > TELL_EVERY:
            self._told = now
            cache.set(self._key, done * 100 // max(total, 1), PROGRESS_SECONDS)


def _key(restoration: Restoration) -> str:
    return f"restoration:{restoration.pk}"
