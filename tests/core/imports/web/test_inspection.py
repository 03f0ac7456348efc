"""A file is looked at in the background, never by a web process; its page waits for that and says what came of it."""

from pathlib import Path
from typing import Any

import pytest

from core.imports.models import ImportRun
from core.imports.services.files import process
from core.jobs.tasks import send_next, send_waiting
from core.stores.models import Store
from tests.plugins.imports import RECEIPTS, Importer, job_of_run
from tests.plugins.jobs import at_work, message_for, put
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of


@pytest.fixture
def waiting(no_worker: pytest.MonkeyPatch, importer: Importer, store: Store) -> ImportRun:
    """Uploaded, and to be looked at."""
    return importer.uploaded(RECEIPTS)


def page_of(importer: Importer, run: ImportRun) -> str:
    return text_of(importer.client.get(f"/imports/{run.pk}/"))


def work(run: ImportRun) -> None:
    message_for(job_of_run(run))
    run.refresh_from_db()


def progress_of(importer: Importer, run: ImportRun) -> Any:
    return importer.client.get(f"/jobs/{job_of_run(run).pk}/progress/")


def test_the_page_waits_and_then_shows_the_columns(importer: Importer, waiting: ImportRun) -> None:
    job = job_of_run(waiting)
    assert job.state == "waiting"
    assert "Looking at the file" in page_of(importer, waiting)
    assert "Waiting for its turn" in text_of(progress_of(importer, waiting))
    assert "Visits receipts.csv hq@acme.test" in text_of(importer.client.get("/imports/"))
    message_for(job)
    assert job.state == "done"
    assert importer.client.get(f"/jobs/{job.pk}/progress/").headers["HX-Refresh"] == "true"
    assert "What the columns mean" in page_of(importer, waiting)


def test_no_web_process_reads_a_file(
    importer: Importer, waiting: ImportRun, no_worker: pytest.MonkeyPatch, receipts_looked_at: ImportRun
) -> None:
    def refuse(*_args: object) -> None:
        pytest.fail("A web process reads a file.")

    no_worker.setattr(process.FileProcess, "__init__", refuse)
    assert importer.upload(RECEIPTS).status_code == 302
    for run in (waiting, receipts_looked_at):
        assert importer.client.get(f"/imports/{run.pk}/").status_code == 200
    importer.check(receipts_looked_at, delimiter=";")
    assert job_of_run(receipts_looked_at).state == "waiting"
    assert importer.client.get(f"/imports/{receipts_looked_at.pk}/").status_code == 200
    for path in ("", "again/", "import/"):
        assert importer.client.post(f"/imports/{waiting.pk}/{path}", {}).status_code == 409


@pytest.fixture
def receipts_looked_at(importer: Importer, waiting: ImportRun) -> ImportRun:
    run = importer.uploaded(RECEIPTS)
    work(run)
    return run


def test_nothing_else_is_done_with_a_file_before_it_is_looked_at(importer: Importer, waiting: ImportRun) -> None:
    put(job_of_run(waiting), state="failed")
    ImportRun.objects.update(status="failed")
    for path in ("", "import/"):
        response = importer.client.post(f"/imports/{waiting.pk}/{path}", {"create_missing": "on"})
        assert response.status_code == 409
        assert "This file has not been looked at yet." in text_of(response)
    waiting.refresh_from_db()
    assert waiting.status == "failed"


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_the_file_waits(importer: Importer, store: Store, servers: Servers, outage: str) -> None:
    """It is kept, and looked at once the queue is back."""
    servers.fail("queue", outage)
    run = importer.uploaded(RECEIPTS)
    assert job_of_run(run).state == "waiting"
    assert "Waiting for its turn" in page_of(importer, run)
    servers.come_back(outage)
    send_next()
    assert servers.sent() == 1


def test_a_process_that_ends_before_it_sends_the_message(importer: Importer, waiting: ImportRun) -> None:
    """Or before the job is there: the page offers it."""
    job_of_run(waiting).delete()
    page = page_of(importer, waiting)
    assert "This file has not been looked at yet. Look at the file" in page
    importer.client.post(f"/imports/{waiting.pk}/again/")
    assert job_of_run(waiting).state == "waiting"


def test_a_lost_message_is_sent_again(importer: Importer, waiting: ImportRun, no_worker: pytest.MonkeyPatch) -> None:
    no_worker.undo()
    send_waiting.delay()
    assert "What the columns mean" in page_of(importer, waiting)


def test_a_worker_that_is_killed(importer: Importer, waiting: ImportRun) -> None:
    job = job_of_run(waiting)
    with at_work(job):
        assert "Looking at the file" in page_of(importer, waiting)
        assert "being looked at" in text_of(importer.client.get("/imports/"))
    assert "The work was interrupted. It begins again by itself" in page_of(importer, waiting)
    message_for(job)
    assert (job.state, job.attempts) == ("done", 2)
    assert "What the columns mean" in page_of(importer, waiting)


def test_a_message_that_comes_twice(importer: Importer, waiting: ImportRun) -> None:
    job = job_of_run(waiting)
    message_for(job)
    message_for(job)
    assert (job.state, job.attempts) == ("done", 1)


def test_a_limit_that_is_met(importer: Importer, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, and the file is gone: it is of no use to anyone."""
    monkeypatch.setattr("core.imports.runs.preview.LOOK_LIMITS", process.Limits(cpu_seconds=9, wait_seconds=0))
    run = importer.uploaded(RECEIPTS)
    page = page_of(importer, run)
    assert "Reading this file takes too long. Save the sheet as CSV in UTF-8, or split it." in page
    assert "Upload another file" in page
    assert not list(files.rglob("upload"))
    assert importer.client.post(f"/imports/{run.pk}/again/").status_code == 410


def test_a_file_that_is_deleted_meanwhile(importer: Importer, files: Path, waiting: ImportRun) -> None:
    (files / "acme" / waiting.path).unlink()
    work(waiting)
    assert waiting.status == "refused"
    page = page_of(importer, waiting)
    assert "The file has been deleted, as all uploads are after a while. Upload it again. Upload another file" in page
    assert "Start again" not in page


def test_a_preview_that_is_lost_is_made_again(importer: Importer, files: Path, receipts: ImportRun) -> None:
    (files / "acme" / receipts.path).with_name("preview.json").unlink()
    assert "This file has not been looked at yet." in page_of(importer, receipts)
    importer.client.post(f"/imports/{receipts.pk}/again/")
    assert "KERT01 COOM01" in page_of(importer, receipts)


def test_a_layout_that_does_not_fit_leaves_the_one_before(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount,Remarks\n2018-03-04,A,5," + "b " * 600 + "\n")
    importer.check(run, delimiter="whitespace", store="S001")
    assert (run.status, run.options["delimiter"], run.options["store"]) == ("refused", None, "S001")
    page = page_of(importer, run)
    assert "has more than 500 columns" in page
    assert "What the columns mean" in page
    importer.check(run, create_missing="on")
    assert run.status == "done"


def test_500_columns_are_shown_and_no_more(importer: Importer, store: Store) -> None:
    def run(columns: int) -> ImportRun:
        return importer.uploaded(",".join(f"c{number}" for number in range(columns)) + "\n" + "1," * columns + "\n")

    assert len(importer.client.get(f"/imports/{run(500).pk}/").context["form"].columns) == 500
    assert "Line 1 has more than 500 columns." in page_of(importer, run(501))
