"""Files of clients' data do not stay."""

import logging
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.imports import tasks
from core.imports.models import ImportRun
from core.imports.runs.uploads import upload_path
from tenants.models import Chain
from tests.plugins.imports import RECEIPTS, Importer, job_of_run
from tests.plugins.jobs import put
from tests.plugins.salons import text_of


@pytest.fixture
def old(importer: Importer, receipts: ImportRun) -> ImportRun:
    """Refused for its unknown clients, and of more than thirty days ago."""
    importer.check(receipts, store="S001")
    assert receipts.findings
    ImportRun.objects.filter(pk=receipts.pk).update(created_at=timezone.now() - timedelta(days=30, hours=1))
    return receipts


def test_after_thirty_days_the_file_and_what_is_quoted_of_it_are_gone(
    importer: Importer, old: ImportRun, caplog: pytest.LogCaptureFixture
) -> None:
    young = importer.uploaded(RECEIPTS)
    with caplog.at_level(logging.DEBUG):
        tasks.delete_old_files.delay()
    old.refresh_from_db()
    assert old.files_deleted_at is not None
    assert old.findings == []
    assert not upload_path(old.path).parent.exists()
    assert upload_path(young.path).exists()
    assert "Deleted the files of 1 old imports and uploads of acme." in caplog.text
    assert "receipts.csv" not in caplog.text
    assert "were deleted on" in text_of(importer.client.get(f"/imports/{old.pk}/"))
    for path in ("", "import/", "again/"):
        response = importer.client.post(f"/imports/{old.pk}/{path}")
        assert response.status_code == 410
        assert "Upload it again." in text_of(response)
    assert importer.client.get(f"/imports/{old.pk}/rejects.csv").status_code == 404


def test_what_is_being_worked_on_stays(importer: Importer, old: ImportRun, no_worker: pytest.MonkeyPatch) -> None:
    importer.client.post(f"/imports/{old.pk}/again/")
    tasks.delete_old_files.delay()
    assert upload_path(old.path).exists()
    put(job_of_run(old), state="failed")
    tasks.delete_old_files.delay()
    assert not upload_path(old.path).exists()


def test_folders_without_an_import_go_too(importer: Importer, receipts: ImportRun, files: Path) -> None:
    folder = files / "acme" / "imports"
    long_ago = time.time() - (settings.KEEP_FILES_DAYS + 1) * 24 * 3600
    for name, moment in (("forgotten", long_ago), ("fresh", time.time())):
        (folder / name).mkdir()
        os.utime(folder / name, (moment, moment))
    os.utime(upload_path(receipts.path).parent, (long_ago, long_ago))
    tasks.delete_old_files.delay()
    assert sorted(path.name for path in folder.iterdir()) == sorted(["fresh", upload_path(receipts.path).parent.name])


def test_each_chain_has_its_own_deleted(old: ImportRun, files: Path, other_chain: Chain) -> None:
    with tenant_context(other_chain):
        tasks.delete_old_files.delay()
    assert upload_path(old.path).exists()


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../other/imports/x/upload", "/etc/passwd", "imports", "imports/x", "a"]
)
def test_a_row_cannot_name_what_is_no_import_of_the_chain(receipts: ImportRun, files: Path, path: str) -> None:
    """Rows may come from an archive; what they name is read, sent, and deleted with its folder."""
    place = upload_path(path)
    assert place.parent.parent == files / "acme" / "imports"
    assert not place.exists()


def test_whom_an_undo_has_kept_is_forgotten_as_well(receipts: ImportRun) -> None:
    kept = {"removed": 0, "restored": 0, "kept": 1, "tables": {}, "records": [{"label": "Li"}]}
    long_ago = timezone.now() - timedelta(days=settings.KEEP_FILES_DAYS, hours=1)
    for undone_at, told in [(long_ago, {**kept, "records": []}), (timezone.now(), kept), (None, None)]:
        ImportRun.objects.update(undo=kept, undone_at=undone_at, created_at=long_ago)
        tasks.delete_old_files.delay()
        receipts.refresh_from_db()
        assert receipts.undo == told
