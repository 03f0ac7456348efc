"""Work in the background: once, all or nothing, and told while it goes on."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from redis.exceptions import ConnectionError as NoCacheError

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports import tasks
from core.imports.models import ImportRun
from core.imports.runs import state, work
from core.imports.runs.starting import start
from core.imports.services.results import Progress
from core.jobs.base import send_lost
from core.shared.locks import jobs_lock
from core.shared.origin import as_operator
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import RECEIPTS, Importer, at_work
from tests.plugins.locks import locked
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of


@pytest.fixture
def checked(importer: Importer, receipts: ImportRun) -> ImportRun:
    importer.check(receipts, store="S001", create_missing="on")
    return receipts


@pytest.fixture
def other_worker(checked: ImportRun) -> Iterator[None]:
    """Is at work on the import."""
    with at_work(checked):
        yield


def put(run: ImportRun, **values: Any) -> None:
    ImportRun.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()


def perform(run: ImportRun) -> None:
    user = run.created_by
    assert user is not None
    tasks.run_import.delay(str(run.pk), user.pk)
    run.refresh_from_db()


@pytest.mark.parametrize("status", ["uploaded", "done", "refused", "failed"])
def test_a_message_for_what_does_not_wait_does_nothing(checked: ImportRun, status: str) -> None:
    put(checked, status=status, dry_run=False)
    perform(checked)
    assert checked.status == status
    assert not Visit.objects.exists()


def test_a_message_that_comes_while_another_works_does_nothing(checked: ImportRun, other_worker: None) -> None:
    for status in ("queued", "running"):
        put(checked, status=status, dry_run=False)
        perform(checked)
        assert checked.status == status
    assert not Visit.objects.exists()


def test_a_message_that_comes_again_after_a_kill_tells_of_it(checked: ImportRun) -> None:
    put(checked, status="running", dry_run=False)
    perform(checked)
    assert (checked.status, checked.summary["refusal"]["code"]) == ("failed", "interrupted")


def test_an_unknown_import_is_nothing(checked: ImportRun) -> None:
    assert checked.created_by is not None
    tasks.run_import.delay("00000000-0000-4000-8000-000000000000", checked.created_by.pk)


def test_the_progress_of_a_running_import(importer: Importer, checked: ImportRun, other_worker: None) -> None:
    put(checked, status="running", dry_run=False)
    page = importer.client.get(f"/imports/{checked.pk}/")
    assert "Importing the file" in text_of(page)
    state.tell(checked, Progress("reading", 25_000, 100_000, 5.0))
    for path in (f"/imports/{checked.pk}/", f"/imports/{checked.pk}/progress/"):
        text = text_of(importer.client.get(path))
        assert "Reading 25,000 of 100,000 lines (25%) · 5,000 lines a second · about 15 s left" in text
    state.tell(checked, Progress("reading", 1_000, 1_000_000, 1.0))
    assert "about 17 min left" in text_of(importer.client.get(f"/imports/{checked.pk}/progress/"))
    state.tell(checked, Progress("facts", 10, 10, 0.0))
    text = text_of(importer.client.get(f"/imports/{checked.pk}/progress/"))
    assert "Bringing the repurchase figures up to date" in text
    assert importer.bring_in(checked).status_code == 409


def test_the_page_is_loaded_anew_when_it_is_done(importer: Importer, checked: ImportRun) -> None:
    assert importer.client.get(f"/imports/{checked.pk}/progress/").headers["HX-Refresh"] == "true"


def test_progress_goes_to_the_cache_while_the_import_runs(
    importer: Importer, receipts: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(work, "tell", lambda _run, progress: told.append(progress.phase))
    importer.check(receipts, store="S001", create_missing="on")
    assert {"waiting", "reading", "loading", "facts", "done"} <= set(told)


def test_an_import_does_not_fail_because_nobody_can_be_told(
    importer: Importer, receipts: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: object) -> None:
        raise NoCacheError

    monkeypatch.setattr(work, "tell", broken)
    importer.check(receipts, store="S001", create_missing="on")
    assert receipts.status == "done"


def test_a_killed_import_can_be_started_again(importer: Importer, checked: ImportRun) -> None:
    put(checked, status="running", dry_run=False)
    text = text_of(importer.client.get(f"/imports/{checked.pk}/"))
    assert "The work on this file was interrupted. Nothing of it was kept; start again. Start again" in text
    assert "interrupted" in text_of(importer.client.get("/imports/"))
    assert importer.client.get(f"/imports/{checked.pk}/progress/").headers["HX-Refresh"] == "true"
    importer.client.post(f"/imports/{checked.pk}/again/")
    checked.refresh_from_db()
    assert (checked.status, checked.dry_run, Visit.objects.count()) == ("done", False, 3)


def test_a_lost_message_is_sent_again_by_the_page_that_waits(importer: Importer, checked: ImportRun) -> None:
    put(checked, status="queued", dry_run=False, started_at=timezone.now())
    importer.client.get(f"/imports/{checked.pk}/progress/")
    assert importer.client.post(f"/imports/{checked.pk}/again/").status_code == 409
    checked.refresh_from_db()
    assert checked.status == "queued"
    put(checked, started_at=timezone.now() - timedelta(minutes=2))
    importer.client.get(f"/imports/{checked.pk}/progress/")
    checked.refresh_from_db()
    assert checked.status == "done"


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_an_import_waits(importer: Importer, checked: ImportRun, servers: Servers, outage: str) -> None:
    servers.fail("queue", outage)
    assert importer.bring_in(checked).status_code == 302
    assert checked.status == "queued"
    assert "Waiting for its turn" in text_of(importer.client.get(f"/imports/{checked.pk}/"))
    servers.come_back(outage)
    put(checked, started_at=timezone.now() - timedelta(minutes=2))
    importer.client.get(f"/imports/{checked.pk}/progress/")
    assert servers.sent() == 1


def test_what_waits_is_not_lost_while_other_work_of_the_chain_goes_on(importer: Importer, checked: ImportRun) -> None:
    put(checked, status="queued", dry_run=False, started_at=timezone.now() - timedelta(hours=1))
    with locked(jobs_lock()):
        said = text_of(importer.client.get(f"/imports/{checked.pk}/progress/"))
        assert "Waiting for other work of the chain to end" in said
        assert "Nobody has taken" not in said
        perform(checked)
        send_lost()
    checked.refresh_from_db()
    assert checked.status == "queued"


def test_the_next_in_line_begins_when_one_ends(importer: Importer, store: Store) -> None:
    """For whoever started it: what an operator did is said to be an operator's, and nothing else is."""
    first, second = importer.uploaded(RECEIPTS), importer.uploaded(RECEIPTS)
    importer.check(first, store="S001", create_missing="on")
    importer.check(second, store="S001", create_missing="on")
    assert first.created_by is not None
    with locked(jobs_lock()):
        importer.bring_in(first)
        with as_operator("ops@platform.test"):
            start(second, user=first.created_by, dry_run=False)
        assert (first.status, second.status) == ("queued", "queued")
    perform(first)
    second.refresh_from_db()
    assert (first.status, second.status) == ("done", "done")
    actors = AuditEntry.objects.filter(action="import").order_by("pk").values_list("actor", flat=True)
    assert list(actors) == ["hq@acme.test", "operator ops@platform.test"]


def test_what_takes_too_long_says_so_and_keeps_nothing(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_result: object, *_more: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(work, "_conclude", slow)
    importer.bring_in(checked)
    assert (checked.status, Visit.objects.count()) == ("failed", 0)
    assert "longer than a file may take" in text_of(importer.client.get(f"/imports/{checked.pk}/"))


def test_an_error_of_the_database_keeps_nothing_and_tells_the_log_nothing_of_the_file(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_asked: object) -> None:
        raise DatabaseError("KERT01 of receipts.csv")

    monkeypatch.setattr(work, "import_file", broken)
    with caplog.at_level(logging.DEBUG):
        importer.bring_in(checked)
    assert checked.status == "failed"
    assert "Something went wrong on our side." in text_of(importer.client.get(f"/imports/{checked.pk}/"))
    assert f"Import {checked.pk} failed" in caplog.text
    assert "KERT01" not in caplog.text
    assert "receipts.csv" not in caplog.text


def test_a_fault_of_ours_is_not_left_running(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_asked: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(work, "import_file", broken)
    with pytest.raises(RuntimeError):
        importer.bring_in(checked)
    checked.refresh_from_db()
    assert checked.status == "failed"


def test_the_last_word_and_the_records_are_kept_together(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(work, "_conclude", broken)
    importer.bring_in(checked)
    assert (checked.status, Visit.objects.count()) == ("failed", 0)


def test_someone_who_has_left_imports_nothing(importer: Importer, checked: ImportRun) -> None:
    put(checked, status="queued", dry_run=False)
    User.objects.filter(pk=checked.created_by_id).update(is_active=False)
    perform(checked)
    assert checked.summary["refusal"]["code"] == "not_allowed"
    assert not Visit.objects.exists()


def test_findings_are_in_the_language_of_who_asked(importer: Importer, receipts: ImportRun) -> None:
    User.objects.update(language="zh-hans")
    cache.clear()
    importer.check(receipts, store="S001")
    assert receipts.status == "refused"
    assert "cannot be read" not in receipts.summary["refusal"]["message"]
