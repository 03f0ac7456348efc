"""An import is taken back on its page: looked at first, then confirmed; or replaced by a corrected file."""

import pytest

from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.models import ImportRun
from core.imports.undo import undoing
from core.jobs.models import Job
from core.visits.models import Visit
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.jobs import last_job, message_for, put
from tests.plugins.salons import text_of


@pytest.fixture
def imported(importer: Importer, receipts: ImportRun) -> ImportRun:
    importer.check(receipts, store="S001", create_missing="on")
    importer.bring_in(receipts)
    assert receipts.is_imported
    return receipts


def undo(importer: Importer, run: ImportRun, **form: str) -> str:
    response = importer.client.post(f"/imports/{run.pk}/undo/", form)
    assert response.status_code == 302
    run.refresh_from_db()
    return text_of(importer.client.get(response.headers["Location"], follow=True))


def test_looked_at_then_confirmed(importer: Importer, imported: ImportRun) -> None:
    assert "Take this import back" in text_of(importer.client.get(f"/imports/{imported.pk}/"))
    said = undo(importer, imported)
    assert "What would be taken back" in said
    assert "Visits 3 0 0" in said
    assert "Clients 2 0 0" in said
    assert Visit.objects.count() == 3
    said = undo(importer, imported, confirm="1")
    assert "Taken back on" in said
    assert "Take this import back" not in said
    assert not Visit.objects.exists()
    assert not Client.objects.exists()
    assert "taken back" in text_of(importer.client.get("/imports/"))
    assert AuditEntry.objects.latest("pk").action == "import.undone"


def test_what_is_kept_is_listed_by_name(importer: Importer, imported: ImportRun) -> None:
    Client.objects.filter(ref="KERT01").update(name="Kerstin")
    said = undo(importer, imported)
    assert "1 record is kept" in said
    assert "Clients: Kerstin (KERT01) changed since" in said


def test_what_is_taken_back_is_not_taken_back_again(importer: Importer, imported: ImportRun) -> None:
    undo(importer, imported, confirm="1")
    assert importer.client.post(f"/imports/{imported.pk}/undo/").status_code == 409


def test_while_the_work_waits_its_progress_is_shown(
    importer: Importer, imported: ImportRun, no_worker: pytest.MonkeyPatch
) -> None:
    said = undo(importer, imported, confirm="1")
    assert "Taking an import back" in said
    assert importer.client.post(f"/imports/{imported.pk}/undo/").status_code == 409
    assert "waiting" in text_of(importer.client.get("/imports/"))


@pytest.fixture
def job(importer: Importer, imported: ImportRun, no_worker: pytest.MonkeyPatch) -> Job:
    """Of the undo, which waits; only `message_for` has it done."""
    undo(importer, imported, confirm="1")
    return last_job()


@pytest.mark.parametrize("step", ["gather", "compare_made", "restore", "remove_made", "record"])
def test_killed_at_any_step_it_has_changed_nothing_and_is_taken_up_again(
    imported: ImportRun, job: Job, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object, **_options: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(undoing, step, die)
        with pytest.raises(SystemExit):
            message_for(job)
    imported.refresh_from_db()
    assert (imported.undone_at, Visit.objects.count(), Client.objects.count()) == (None, 3, 2)
    put(job, state="running", attempts=1)
    message_for(job)
    imported.refresh_from_db()
    assert (job.state, imported.undone_at is None, Visit.objects.count()) == ("done", False, 0)


def test_replaced_by_a_corrected_file(importer: Importer, imported: ImportRun) -> None:
    page = importer.client.get(f"/imports/new/?replaces={imported.pk}")
    assert "Replace by a corrected file" in text_of(page)
    corrected = RECEIPTS.replace("3,04/17/2018,Colour,COOM01,120\n", "").replace(",82", ",28")
    run = importer.run(importer.upload(corrected, query=f"?replaces={imported.pk}"))
    importer.check(run, store="S001", create_missing="on")
    imported.refresh_from_db()
    assert (run.status, imported.undone_at, Visit.objects.count()) == ("done", None, 3)
    importer.bring_in(run)
    imported.refresh_from_db()
    assert imported.undone_at is not None
    assert (Visit.objects.count(), list(Client.objects.values_list("ref", flat=True))) == (2, ["KERT01"])


def test_a_file_of_another_kind_replaces_nothing(importer: Importer, imported: ImportRun) -> None:
    run = importer.run(importer.upload("client_ref\nC1\n", kind="clients", query=f"?replaces={imported.pk}"))
    importer.check(run)
    assert run.status == "refused"
    assert "The import to be replaced is of another kind: Visits." in run.summary["refusal"]["message"]
