"""Files on their way in: private, bounded, and gone where they are of no use."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs import uploads
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.salons import text_of


def kept(files: Path) -> list[Path]:
    return [path for path in files.rglob("*") if path.is_file()]


def refused(response: Any, files: Path, message: str) -> None:
    assert response.status_code == 400
    assert message in text_of(response)
    assert kept(files) == []
    assert list(files.glob("*/imports/*")) == []
    assert not ImportRun.objects.exists()


def test_a_file_lies_in_the_chains_own_folder_for_the_application_alone(
    importer: Importer, files: Path, receipts: ImportRun
) -> None:
    (path,) = (path for path in kept(files) if path.name == "upload")
    assert path.relative_to(files).parts[:2] == ("acme", "imports")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_text() == RECEIPTS
    assert receipts.path == str(path.relative_to(files / "acme"))


def test_with_a_wrong_token_nothing_of_it_is_kept(hq_user: User, files: Path) -> None:
    client = ChainClient(headers={"host": "acme.localhost"}, enforce_csrf_checks=True)
    client.force_login(hq_user)
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    form = {"kind": "visits", "file": SimpleUploadedFile("receipts.csv", RECEIPTS.encode())}
    assert client.post("/imports/new/", {**form, "csrfmiddlewaretoken": "b" * 32}).status_code == 403
    assert kept(files) == []
    assert not ImportRun.objects.exists()


def test_a_file_over_the_limit(importer: Importer, files: Path, settings: Settings) -> None:
    settings.IMPORT_LARGEST_FILE = 100
    response = importer.upload(RECEIPTS)
    refused(response, files, "The file is larger than 100 bytes. Split it")
    assert response.context["form"]["kind"].value() == "visits"


def test_a_file_over_the_plan(importer: Importer, files: Path, chain: Chain) -> None:
    with outside_chains():
        chain.allowance = {"plan": "solo", "upload_mb": 1}
        chain.save()
    response = importer.upload(RECEIPTS + " " * 1024 * 1024)
    refused(response, files, "The file is larger than 1.0 MB, the largest that the plan covers. Split it")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "This is a document of Office, but no workbook."),
        (b"a,b\n\x00,\x00\n", "The file is no text"),
        (b"PK\x03\x04broken", "The workbook cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(importer: Importer, files: Path, content: bytes, message: str) -> None:
    """It is looked at in the background; its page says what is wrong, and nothing of it is kept."""
    run = importer.uploaded(content)
    assert (run.status, run.files_deleted_at is None) == ("refused", False)
    response = importer.client.get(f"/imports/{run.pk}/")
    assert message in text_of(response)
    assert "Upload another file" in text_of(response)
    assert kept(files) == []
    assert "cannot be read" in text_of(importer.client.get("/imports/"))


def test_no_file_and_no_kind(importer: Importer, files: Path) -> None:
    refused(importer.client.post("/imports/new/", {"kind": "visits"}), files, "Choose the file, or paste cells below.")
    assert "recipes" in text_of(importer.upload(RECEIPTS, kind="recipes"))
    assert not ImportRun.objects.exists()


def test_cells_that_are_pasted(importer: Importer, files: Path, store: Store) -> None:
    """As a spreadsheet program copies them."""
    text = "日期\t会员号\t实收金额\r\n2025-03-05\tM1\t88\r\n"
    run = importer.run(importer.client.post("/imports/new/", {"kind": "visits", "pasted": text}))
    assert run.file_name == "Pasted cells"
    assert importer.client.get(f"/imports/{run.pk}/").context["form"].chosen == ["started_at", "client_ref", "amount"]


def test_more_pasted_cells_than_a_form_without_scripts_brings(importer: Importer, files: Path, store: Store) -> None:
    text = "日期\t会员号\t实收金额\r\n" + "2025-03-05\tM1\t88\r\n" * 10_000
    response = importer.client.post("/imports/new/", {"kind": "visits", "pasted": text})
    assert response.status_code == 413
    assert "Save them as CSV or Excel, and choose the file." in text_of(response)
    assert not ImportRun.objects.exists()


def test_a_full_disk(importer: Importer, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullFile:
        def write(self, _data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            pass

    monkeypatch.setattr(uploads, "private_file", lambda _path: FullFile())
    refused(importer.upload(RECEIPTS), files, "There is no room left for the file.")


def test_only_the_forms_own_file_is_taken(importer: Importer, files: Path, store: Store) -> None:
    good, other = SimpleUploadedFile("b", RECEIPTS.encode()), SimpleUploadedFile("a", b"x")
    response = importer.client.post("/imports/new/", {"kind": "visits", "other": other, "file": good})
    assert response.status_code == 302
    assert [path.read_text() for path in kept(files) if path.name == "upload"] == [RECEIPTS]


def test_an_upload_that_breaks_off_leaves_nothing(importer: Importer, files: Path) -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="kind"\r\n\r\nvisits\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nDate,Cli'
    )
    response = importer.client.post("/imports/new/", body, content_type="multipart/form-data; boundary=B")
    refused(response, files, "The upload broke off. Choose the file again.")


def test_a_name_is_only_shown(importer: Importer, files: Path, store: Store) -> None:
    run = importer.uploaded(RECEIPTS, name="<b>../../x</b>.csv")
    assert run.path.endswith("/upload")
    assert "<b>" not in importer.client.get("/imports/").content.decode().partition("<main")[2]


def test_an_unknown_import_to_correct_is_ignored(importer: Importer) -> None:
    for asked in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        assert importer.client.get(f"/imports/new/?corrects={asked}").status_code == 200


def test_the_beginning_of_a_file_is_kept_beside_it(importer: Importer, files: Path, receipts: ImportRun) -> None:
    upload = files / "acme" / receipts.path
    importer.client.get(f"/imports/{receipts.pk}/")
    (beside,) = set(upload.parent.iterdir()) - {upload}
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    upload.write_text("gone")
    assert "KERT01" in text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    upload.unlink()
    assert "The file has been deleted" in text_of(importer.client.get(f"/imports/{receipts.pk}/"))
