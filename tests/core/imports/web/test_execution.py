"""Work in the background: once, all or nothing, and told while it goes on."""

import logging
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports.models import ImportRun
from core.imports.runs import execution
from core.imports.runs.queueing import queue_import
from core.jobs import progress
from core.jobs.models import Job
from core.jobs.progress import ProgressWriter
from core.jobs.tasks import send_next, send_waiting
from core.shared.locks import jobs_lock
from core.shared.origin import as_operator
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import RECEIPTS, Importer, job_of_run
from tests.plugins.jobs import at_work, last_job, message_for, put
from tests.plugins.locks import locked
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of


@pytest.fixture
def checked(importer: Importer, receipts: ImportRun) -> ImportRun:
    importer.check(receipts, store="S001", create_missing="on")
    return receipts


@pytest.fixture
def job(importer: Importer, checked: ImportRun, no_worker: pytest.MonkeyPatch) -> Job:
    """Of the import, which waits; only `message_for` has it done."""
    importer.bring_in(checked)
    return job_of_run(checked)


def said_of(importer: Importer, job: Job) -> str:
    return text_of(importer.client.get(f"/jobs/{job.pk}/progress/"))


@pytest.mark.parametrize("state", ["done", "refused", "failed", "cancelled"])
def test_a_message_for_what_does_not_wait_does_nothing(job: Job, state: str) -> None:
    put(job, state=state)
    message_for(job)
    assert job.state == state
    assert not Visit.objects.exists()


def test_a_message_that_comes_while_another_works_does_nothing(job: Job) -> None:
    with at_work(job):
        for state in ("waiting", "running"):
            put(job, state=state)
            message_for(job)
            assert job.state == state
    assert not Visit.objects.exists()


def test_a_message_that_comes_again_after_a_kill_takes_the_work_up(checked: ImportRun, job: Job) -> None:
    put(job, state="running", attempts=1)
    message_for(job)
    checked.refresh_from_db()
    assert (job.state, job.attempts, checked.status, Visit.objects.count()) == ("done", 2, "done", 3)


def test_what_kills_its_process_each_time_is_given_up(importer: Importer, checked: ImportRun, job: Job) -> None:
    put(job, state="running", attempts=3)
    message_for(job)
    checked.refresh_from_db()
    assert job.state == "failed"
    assert (checked.status, checked.summary["refusal"]["code"]) == ("failed", "interrupted")
    said = text_of(importer.client.get(f"/imports/{checked.pk}/"))
    assert (
        "The work was interrupted 3 times and is given up. Nothing of it was kept; start it again. Start again" in said
    )
    assert not Visit.objects.exists()


def test_an_import_done_whose_process_was_killed_before_it_said_so_is_not_done_again(
    checked: ImportRun, job: Job
) -> None:
    ImportRun.objects.filter(pk=checked.pk).update(status="done")
    put(job, state="running", attempts=1)
    message_for(job)
    assert (job.state, Visit.objects.count()) == ("done", 0)


def test_an_unknown_job_is_nothing(job: Job) -> None:
    job.delete()
    job.pk = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Job.DoesNotExist):
        message_for(job)


def test_the_progress_of_a_running_import(importer: Importer, checked: ImportRun, job: Job) -> None:
    with at_work(job):
        page = importer.client.get(f"/imports/{checked.pk}/")
        assert "Importing the file" in text_of(page)
        put(job, progress={"phase": "reading", "done": 25_000, "total": 100_000, "seconds": 5.0})
        for said in (text_of(importer.client.get(f"/imports/{checked.pk}/")), said_of(importer, job)):
            assert "Reading 25,000 of 100,000 lines (25%) · 5,000 lines a second · about 15 s left" in said
        put(job, progress={"phase": "reading", "done": 1_000, "total": 1_000_000, "seconds": 1.0})
        assert "about 17 min left" in said_of(importer, job)
        put(job, progress={"phase": "facts", "done": 0, "total": 0, "seconds": 0.0})
        assert "Bringing the repurchase figures up to date" in said_of(importer, job)
        assert importer.bring_in(checked).status_code == 409


def test_the_page_is_loaded_anew_when_it_is_done(importer: Importer, checked: ImportRun) -> None:
    assert importer.client.get(f"/jobs/{last_job().pk}/progress/").headers["HX-Refresh"] == "true"


def test_each_phase_is_told_while_the_import_runs(
    importer: Importer, receipts: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(ProgressWriter, "_write", lambda _writer, progress: told.append(progress.phase))
    importer.check(receipts, store="S001", create_missing="on")
    assert {"waiting", "reading", "loading", "facts", "done"} <= set(told)


def test_an_import_does_not_fail_because_nobody_can_be_told(
    importer: Importer, receipts: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_WRITE", "SELECT 1 FROM nowhere WHERE %s = %s AND %s IS NULL")
    importer.check(receipts, store="S001", create_missing="on")
    assert receipts.status == "done"


def test_a_killed_import_says_so_and_is_taken_up_by_itself(importer: Importer, checked: ImportRun, job: Job) -> None:
    put(job, state="running", attempts=1)
    assert "The work was interrupted. It begins again by itself" in said_of(importer, job)
    assert "interrupted" in text_of(importer.client.get("/jobs/"))
    assert importer.client.post(f"/imports/{checked.pk}/again/").status_code == 409


def test_the_schedule_takes_up_what_was_killed(checked: ImportRun, job: Job, no_worker: pytest.MonkeyPatch) -> None:
    put(job, state="running", attempts=1)
    no_worker.undo()
    send_waiting.delay()
    checked.refresh_from_db()
    assert (checked.status, checked.dry_run, Visit.objects.count()) == ("done", False, 3)


def test_the_schedule_sends_what_lost_its_message(checked: ImportRun, job: Job, no_worker: pytest.MonkeyPatch) -> None:
    no_worker.undo()
    send_waiting.delay()
    checked.refresh_from_db()
    assert checked.status == "done"


def test_that_nobody_takes_it_is_said(importer: Importer, job: Job) -> None:
    assert "Nobody has taken" not in said_of(importer, job)
    put(job, queued_at=timezone.now() - timedelta(minutes=2))
    assert "Nobody has taken this work for more than a minute." in said_of(importer, job)


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_an_import_waits(importer: Importer, checked: ImportRun, servers: Servers, outage: str) -> None:
    servers.fail("queue", outage)
    assert importer.bring_in(checked).status_code == 302
    assert job_of_run(checked).state == "waiting"
    assert "Waiting for its turn" in text_of(importer.client.get(f"/imports/{checked.pk}/"))
    servers.come_back(outage)
    send_next()
    assert servers.sent() == 1


def test_what_waits_is_not_lost_while_other_work_of_the_chain_goes_on(importer: Importer, job: Job) -> None:
    put(job, queued_at=timezone.now() - timedelta(hours=1))
    with locked(jobs_lock()):
        said = said_of(importer, job)
        assert "Waiting for other work of the chain to end" in said
        assert "Nobody has taken" not in said
        message_for(job)
        send_waiting.delay()
    job.refresh_from_db()
    assert job.state == "waiting"


def test_the_next_in_line_begins_when_one_ends(importer: Importer, store: Store) -> None:
    """For whoever started it: what an operator did is said to be an operator's, and nothing else is."""
    first, second = importer.uploaded(RECEIPTS), importer.uploaded(RECEIPTS)
    importer.check(first, store="S001", create_missing="on")
    importer.check(second, store="S001", create_missing="on")
    assert first.created_by is not None
    with locked(jobs_lock()):
        importer.bring_in(first)
        with as_operator("ops@platform.test"):
            queue_import(second, user=first.created_by, dry_run=False)
        assert (job_of_run(first).state, job_of_run(second).state) == ("waiting", "waiting")
    message_for(job_of_run(first))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("done", "done")
    actors = AuditEntry.objects.filter(action="import").order_by("pk").values_list("actor", flat=True)
    assert list(actors) == ["hq@acme.test", "operator ops@platform.test"]


def test_what_takes_too_long_says_so_and_keeps_nothing(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_result: object, *_more: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(execution, "_record_result", slow)
    importer.bring_in(checked)
    assert (checked.status, Visit.objects.count()) == ("failed", 0)
    assert "longer than a file may take" in text_of(importer.client.get(f"/imports/{checked.pk}/"))


def test_an_error_of_the_database_keeps_nothing_and_tells_the_log_nothing_of_the_file(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_asked: object) -> None:
        raise DatabaseError("KERT01 of receipts.csv")

    monkeypatch.setattr(execution, "import_file", broken)
    with caplog.at_level(logging.DEBUG):
        importer.bring_in(checked)
    assert checked.status == "failed"
    assert "Something went wrong on our side." in text_of(importer.client.get(f"/imports/{checked.pk}/"))
    assert f"Job {last_job().pk} failed" in caplog.text
    assert "KERT01" not in caplog.text
    assert "receipts.csv" not in caplog.text


def test_a_fault_of_ours_is_not_left_running(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_asked: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(execution, "import_file", broken)
    importer.bring_in(checked)
    assert checked.status == "failed"


def test_the_last_word_and_the_records_are_kept_together(
    importer: Importer, checked: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(execution, "_record_result", broken)
    importer.bring_in(checked)
    assert (checked.status, Visit.objects.count()) == ("failed", 0)


def test_someone_who_has_left_imports_nothing(checked: ImportRun, job: Job) -> None:
    User.objects.filter(pk=checked.created_by_id).update(is_active=False)
    message_for(job)
    checked.refresh_from_db()
    assert checked.summary["refusal"]["code"] == "not_allowed"
    assert not Visit.objects.exists()


def test_cancelled_it_keeps_nothing_and_can_be_started_again(
    importer: Importer, checked: ImportRun, job: Job, no_worker: pytest.MonkeyPatch
) -> None:
    importer.client.post(f"/jobs/{job.pk}/cancellation/")
    message_for(job)
    assert (job.state, Visit.objects.count()) == ("cancelled", 0)
    assert "Check the file" in text_of(importer.client.get(f"/imports/{checked.pk}/"))
    no_worker.undo()
    importer.bring_in(checked)
    assert (checked.status, Visit.objects.count()) == ("done", 3)


def test_findings_are_in_the_language_of_who_asked(importer: Importer, receipts: ImportRun) -> None:
    User.objects.update(language="zh-hans")
    cache.clear()
    importer.check(receipts, store="S001", create_missing=None)
    assert receipts.status == "refused"
    assert "cannot be read" not in receipts.summary["refusal"]["message"]
