"""Exports as jobs: asked for, made, fetched, and by whom."""

import os
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.exports.services.exports import export_file, listed_exports, start_export
from core.jobs.models import Job, State
from core.shared.errors import AppError
from core.stores.models import Store
from tenants.life.exports import delete_leftovers, delete_old_exports
from tests.plugins.chains import make_user
from tests.plugins.jobs import message_for, put

OTHERS = (User.Role.REGIONAL_MANAGER, User.Role.STORE_MANAGER, User.Role.FRONT_DESK, User.Role.BEAUTICIAN)


def made(user: User, *, personal: bool = False) -> Job:
    job = start_export(personal=personal, acting_user=user)
    message_for(job)
    return job


def test_who_may_asks_for_it_and_fetches_it(salon: dict[str, Store], hq_user: User) -> None:
    job = made(hq_user)
    assert job.state == State.DONE, job.error
    assert job.result["rows"] > 0
    (listed,) = listed_exports(hq_user)
    assert (listed.is_ready, listed.is_open, listed.personal) == (True, True, False)
    _job, path = export_file(str(job.pk), acting_user=hq_user)
    assert listed.size == path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        assert "parquet/visit_days.parquet" in archive.namelist()
        assert archive.testzip() is None
    told = AuditEntry.objects.filter(subject_type="tables").order_by("pk").values_list("action", "after")
    assert list(told) == [
        ("tables.asked", {"personal": False}), ("export", {"personal": False, "bytes": listed.size}),
    ]  # fmt: skip


@pytest.mark.parametrize("role", OTHERS)
def test_others_get_nothing(salon: dict[str, Store], hq_user: User, role: str) -> None:
    other, job = make_user("other@acme.test", role=role), made(hq_user)
    entries = AuditEntry.objects.count()
    with pytest.raises(AppError) as refused:
        start_export(personal=False, acting_user=other)
    assert refused.value.status == 403
    with pytest.raises(AppError) as refused:
        export_file(str(job.pk), acting_user=other)
    assert refused.value.status == 403
    assert (Job.objects.count(), AuditEntry.objects.count()) == (1, entries)


def test_whoever_lost_the_right_meanwhile_gets_none(salon: dict[str, Store], hq_user: User, no_worker: object) -> None:
    job = start_export(personal=True, acting_user=hq_user)
    User.objects.filter(pk=hq_user.pk).update(role=User.Role.STORE_MANAGER)
    no_worker.undo()  # type: ignore[attr-defined]
    message_for(job)
    assert job.state == State.REFUSED
    assert not list(Path(settings.EXPORT_ROOT).rglob("*.zip"))


def test_there_is_one_at_a_time(salon: dict[str, Store], hq_user: User, no_worker: object) -> None:
    start_export(personal=False, acting_user=hq_user)
    with pytest.raises(AppError) as refused:
        start_export(personal=True, acting_user=hq_user)
    assert refused.value.code == "under_way"


def test_after_a_killed_worker_it_is_made_anew(salon: dict[str, Store], hq_user: User, no_worker: object) -> None:
    job = start_export(personal=False, acting_user=hq_user)
    # As a process leaves it that was killed in the middle.
    put(job, state=State.RUNNING, attempts=1)
    folder = Path(settings.EXPORT_ROOT) / "acme" / f".{job.pk}.part"
    folder.mkdir(parents=True)
    (folder / "archive.zip").write_text("half")
    no_worker.undo()  # type: ignore[attr-defined]
    message_for(job)
    message_for(job)
    assert (job.state, job.attempts) == (State.DONE, 2)
    assert not folder.exists()
    export_file(str(job.pk), acting_user=hq_user)


def test_a_cancelled_one_leaves_nothing(
    salon: dict[str, Store],
    hq_user: User,
    no_worker: object,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    job = start_export(personal=False, acting_user=hq_user)
    put(job, state=State.CANCELLED)
    no_worker.undo()  # type: ignore[attr-defined]
    message_for(job)
    assert not list(Path(settings.EXPORT_ROOT).rglob("*.zip"))


def test_it_is_deleted_after_some_days(salon: dict[str, Store], hq_user: User) -> None:
    job = made(hq_user)
    _job, path = export_file(str(job.pk), acting_user=hq_user)
    old = time.time() - timedelta(days=settings.KEEP_EXPORTS_DAYS + 1).total_seconds()
    leftover = path.with_name(".other.part")
    leftover.mkdir()
    for place in (path, leftover):
        os.utime(place, (old, old))
    assert (delete_old_exports(), delete_leftovers()) == (1, 1)
    with pytest.raises(AppError) as gone:
        export_file(str(job.pk), acting_user=hq_user)
    assert gone.value.status == 404
    assert not listed_exports(hq_user)[0].is_ready
