"""Files that come up in pieces: each counts whole or not at all, at its own place, for the person who began."""

import errno
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from core.accounts.models import User
from core.imports import tasks
from core.imports.models import ImportRun, Upload
from core.imports.runs import resumable, uploads
from core.imports.runs.resumable import PIECE
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.salons import text_of

CONTENT = RECEIPTS.encode()
SIZE = f"{len(CONTENT)} bytes"
Begin = Callable[..., str]


class Uploader:
    """As the script of the page does it."""

    def __init__(self, client: ChainClient) -> None:
        self.client = client

    def begin(self, content: bytes = CONTENT, *, name: str = "receipts.csv", modified: int = 1, **more: Any) -> Any:
        form = {"name": name, "size": len(content), "modified": modified, **more}
        return self.client.post("/imports/uploads/", form)

    def begun(self, content: bytes = CONTENT, **more: Any) -> str:
        response = self.begin(content, **more)
        assert response.status_code == 201, text_of(response)
        return str(response.headers["Location"])

    def send(self, address: str, piece: bytes, offset: object) -> Any:
        headers = {"Upload-Offset": str(offset)}
        return self.client.patch(address, piece, content_type="application/offset+octet-stream", headers=headers)

    def offset(self, address: str) -> int:
        return int(self.client.head(address).headers["Upload-Offset"])

    def whole(self, content: bytes = CONTENT, **more: Any) -> str:
        address = self.begun(content, **more)
        assert self.send(address, content, 0).status_code == 204
        return address

    def import_it(self, *addresses: str, kind: str = "visits", query: str = "") -> Any:
        ids = [address.split("/")[-2] for address in addresses]
        return self.client.post(f"/imports/new/{query}", {"kind": kind, "upload": ids})


@pytest.fixture
def uploader(importer: Importer) -> Uploader:
    return Uploader(importer.client)


@pytest.fixture
def colleague() -> ChainClient:
    return signed_in(make_user("colleague@acme.test", role=User.Role.HQ), host="acme.localhost")


def content_of(files: Path, address: str) -> bytes:
    return (files / "acme" / "imports" / address.split("/")[-2] / "upload").read_bytes()


def code_of(response: Any) -> str:
    return str(response.app_error.code)


def test_a_file_comes_up_in_pieces_and_is_imported(uploader: Uploader, files: Path, store: Store) -> None:
    address = uploader.begun()
    assert uploader.offset(address) == 0
    first = uploader.send(address, CONTENT[:50], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "50")
    assert first.headers["Upload-Length"] == str(len(CONTENT))
    assert uploader.send(address, CONTENT[50:], 50).headers["Upload-Offset"] == str(len(CONTENT))
    response = uploader.import_it(address)
    run = ImportRun.objects.get()
    assert response.headers["Location"] == f"/imports/{run.pk}/"
    assert (run.file_name, run.kind, run.awaits_inspection) == ("receipts.csv", "visits", False)
    assert content_of(files, address) == CONTENT
    assert not Upload.objects.exists()


def test_the_same_file_goes_on_where_it_stopped(uploader: Uploader) -> None:
    """After a reload the person chooses it again; what differs in anything is another file."""
    address = uploader.begun()
    uploader.send(address, CONTENT[:50], 0)
    again = uploader.begin()
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (address, "50")
    others = [uploader.begun(name="b.csv"), uploader.begun(modified=2), uploader.begun(CONTENT[1:])]
    assert len({address, *others}) == 4


@pytest.mark.parametrize("offset", [0, 49, 51, len(CONTENT) + 1])
def test_a_piece_has_one_place(uploader: Uploader, files: Path, offset: int) -> None:
    address = uploader.begun()
    uploader.send(address, CONTENT[:50], 0)
    response = uploader.send(address, CONTENT[50:60], offset)
    assert (response.status_code, code_of(response)) == (409, "other_offset")
    assert uploader.offset(address) == 50
    assert content_of(files, address) == CONTENT[:50]


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", "٣", "9" * 30])
def test_a_piece_says_where_it_belongs(uploader: Uploader, offset: str) -> None:
    address = uploader.begun()
    response = uploader.client.generic(
        "PATCH", address, CONTENT[:50], HTTP_UPLOAD_OFFSET=offset.encode().decode("latin-1")
    )
    assert (response.status_code, code_of(response)) == (400, "no_offset")
    assert uploader.offset(address) == 0


def test_a_piece_that_breaks_off_leaves_nothing(uploader: Uploader, files: Path) -> None:
    address = uploader.begun()
    uploader.send(address, CONTENT[:50], 0)
    cut = {"wsgi.input": BytesIO(CONTENT[50:60]), "CONTENT_LENGTH": "40"}
    response = uploader.client.generic("PATCH", address, HTTP_UPLOAD_OFFSET="50", **cut)
    assert (response.status_code, code_of(response)) == (400, "upload_broken")
    assert uploader.offset(address) == 50
    assert content_of(files, address) == CONTENT[:50]
    assert [path.name for path in (files / "acme" / "imports").glob("*/*")] == ["upload"]


def test_what_a_killed_process_left_is_overwritten(uploader: Uploader, files: Path) -> None:
    """Its bytes are in the file, and the upload does not know of them."""
    address = uploader.begun()
    path = files / "acme" / "imports" / address.split("/")[-2] / "upload"
    path.write_bytes(b"x" * 200)
    assert uploader.send(address, CONTENT, 0).status_code == 204
    assert content_of(files, address) == CONTENT


def test_no_more_comes_than_was_announced(uploader: Uploader, files: Path, settings: Settings) -> None:
    """Who lies about the size gets no further than with the truth."""
    address = uploader.begun(CONTENT[:50])
    response = uploader.send(address, CONTENT, 0)
    assert (response.status_code, code_of(response)) == (413, "more_than_said")
    assert content_of(files, address) == b""
    assert uploader.send(address, CONTENT[:50], 0).status_code == 204
    assert uploader.send(address, b"x", 50).status_code == 413


def test_a_file_over_the_limit_is_refused_before_it_comes(uploader: Uploader, files: Path, settings: Settings) -> None:
    settings.IMPORT_LARGEST_FILE = 100
    response = uploader.begin()
    assert (response.status_code, code_of(response)) == (413, "file_too_large")
    assert "The file is larger than 100 bytes. Split it" in text_of(response)
    assert not Upload.objects.exists()
    assert not files.exists()


def test_a_file_over_the_plan_is_refused_before_it_comes(uploader: Uploader, chain: Chain, settings: Settings) -> None:
    with outside_chains():
        chain.allowance = {"plan": "solo", "upload_mb": 2}
        chain.save()
    most = 2 * 1024 * 1024
    assert uploader.begin(size=f"{most}").status_code == 201
    response = uploader.begin(size=f"{most + 1}")
    assert (response.status_code, code_of(response)) == (413, "file_too_large")
    assert "The file is larger than 2.0 MB, the largest that the plan covers." in text_of(response)
    assert Upload.objects.count() == 1
    # What the platform takes counts where that is less.
    settings.IMPORT_LARGEST_FILE = 100
    assert "The file is larger than 100 bytes. Split it" in text_of(uploader.begin(size="200"))


def test_a_piece_has_a_largest_size(uploader: Uploader) -> None:
    address = uploader.begun(b"x" * (PIECE + 2))
    response = uploader.send(address, b"x" * (PIECE + 1), 0)
    assert (response.status_code, code_of(response)) == (413, "piece_too_large")
    assert uploader.send(address, b"x" * PIECE, 0).status_code == 204


@pytest.mark.parametrize(
    "form",
    [{"size": ""}, {"size": "-1"}, {"size": "9" * 30}, {"size": "x"}, {"modified": "x"}, {"name": ""}],
)
def test_the_browser_says_what_comes(uploader: Uploader, form: dict[str, str]) -> None:
    response = uploader.begin(**form) if "name" not in form else uploader.begin(name="")
    assert (response.status_code, code_of(response)) == (400, "bad_upload")
    assert not Upload.objects.exists()


def test_an_upload_that_is_not_whole_is_not_imported(uploader: Uploader) -> None:
    address = uploader.begun()
    uploader.send(address, CONTENT[:50], 0)
    response = uploader.import_it(address)
    assert response.status_code == 400
    assert "The file has not come up whole." in text_of(response)
    assert not ImportRun.objects.exists()
    assert uploader.offset(address) == 50


def test_a_form_that_is_sent_twice_makes_one_import(uploader: Uploader) -> None:
    """Also from two windows."""
    address = uploader.whole()
    first, second = uploader.import_it(address), uploader.import_it(address)
    assert first.headers["Location"] == second.headers["Location"]
    assert ImportRun.objects.count() == 1
    assert "This file is here already" in text_of(uploader.client.get(second.headers["Location"]))
    assert uploader.client.head(address).status_code == 404
    assert uploader.send(address, b"", len(CONTENT)).status_code == 404


def test_several_files_become_an_import_each(uploader: Uploader) -> None:
    addresses = [uploader.whole(name=f"{month}.csv") for month in ("January", "February", "March")]
    response = uploader.import_it(*addresses)
    assert response.headers["Location"] == "/imports/"
    assert sorted(ImportRun.objects.values_list("file_name", flat=True)) == ["February.csv", "January.csv", "March.csv"]
    assert all(not run.awaits_inspection for run in ImportRun.objects.all())


def test_an_empty_file_is_no_special_case(uploader: Uploader) -> None:
    uploader.import_it(uploader.begun(b""))
    assert "The file is empty." in text_of(uploader.client.get(f"/imports/{ImportRun.objects.get().pk}/"))


def test_the_file_is_kept_through_a_refusal(uploader: Uploader) -> None:
    address = uploader.whole()
    response = uploader.import_it(address, kind="recipes")
    assert response.status_code == 400
    assert f'name="upload" value="{address.split("/")[-2]}"' in response.content.decode()
    assert f"receipts.csv {SIZE}, uploaded" in text_of(response)
    assert "Unfinished uploads" not in text_of(response)
    assert uploader.import_it(address).status_code == 302


def test_so_is_one_that_came_with_the_form(importer: Importer, files: Path) -> None:
    """Of a browser without scripts."""
    response = importer.upload(RECEIPTS, kind="recipes")
    assert response.status_code == 400
    (upload,) = Upload.objects.all()
    assert f'name="upload" value="{upload.pk}"' in response.content.decode()
    assert importer.client.post("/imports/new/", {"kind": "visits", "upload": str(upload.pk)}).status_code == 302
    run = ImportRun.objects.get()
    assert (run.file_name, (files / "acme" / run.path).read_text()) == ("receipts.csv", RECEIPTS)


def test_another_file_in_the_form_takes_its_place(uploader: Uploader, files: Path) -> None:
    address = uploader.whole()
    other = SimpleUploadedFile("other.csv", CONTENT)
    form = {"kind": "visits", "upload": address.split("/")[-2], "file": other}
    assert uploader.client.post("/imports/new/", form).status_code == 302
    assert ImportRun.objects.get().file_name == "other.csv"
    assert not Upload.objects.exists()
    assert len(list((files / "acme" / "imports").iterdir())) == 1


def test_unfinished_uploads_are_listed_and_discarded(uploader: Uploader, files: Path) -> None:
    half, whole = uploader.begun(name="half.csv"), uploader.whole(name="whole.csv")
    uploader.send(half, CONTENT[:50], 0)
    page = uploader.client.get("/imports/new/")
    assert f"half.csv 50 bytes of {SIZE}" in text_of(page)
    assert f"/imports/new/?upload={whole.split('/')[-2]}" in page.content.decode()
    assert uploader.client.post(f"{half}discard/").status_code == 302
    assert list(Upload.objects.values_list("file_name", flat=True)) == ["whole.csv"]
    assert len(list((files / "acme" / "imports").iterdir())) == 1
    going_on = uploader.client.get(f"/imports/new/?upload={whole.split('/')[-2]}&kind=visits")
    assert f"whole.csv {SIZE}, uploaded" in text_of(going_on)
    assert "Unfinished uploads" not in text_of(going_on)


@pytest.mark.parametrize("upload", ["x", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_upload_is_ignored_or_named(uploader: Uploader, upload: str) -> None:
    assert uploader.client.get(f"/imports/new/?upload={upload}").status_code == 200
    response = uploader.client.post("/imports/new/", {"kind": "visits", "upload": upload})
    assert response.status_code == 400
    assert "Choose the file" in text_of(response)


def test_it_is_the_persons_own(uploader: Uploader, colleague: ChainClient, manager_client: ChainClient) -> None:
    address = uploader.whole()
    other = Uploader(colleague)
    assert [colleague.get(address).status_code, colleague.head(address).status_code] == [404, 404]
    assert other.send(address, b"", len(CONTENT)).status_code == 404
    assert colleague.post(f"{address}discard/").status_code == 404
    assert other.import_it(address).status_code == 400
    assert "receipts.csv" not in colleague.get("/imports/new/").content.decode()
    assert other.begin().headers["Location"] != address
    manager = Uploader(manager_client)
    assert manager.begin().status_code == 403
    assert [manager_client.get(address).status_code, manager.send(address, b"", 0).status_code] == [403, 403]
    assert manager_client.post(f"{address}discard/").status_code == 403
    assert uploader.offset(address) == len(CONTENT)
    assert not ImportRun.objects.exists()


def test_strangers_and_other_chains_find_nothing(
    uploader: Uploader, anonymous_client: ChainClient, other_client: ChainClient
) -> None:
    address = uploader.begun()
    assert Uploader(other_client).send(address, CONTENT, 0).status_code == 404
    assert other_client.post(f"{address}discard/").status_code == 404
    for stranger in (anonymous_client, other_client):
        response = stranger.patch(address, b"x", headers={"host": "acme.localhost", "Upload-Offset": "0"})
        assert response.status_code == 302
    assert uploader.offset(address) == 0


def test_each_address_takes_its_own_methods(uploader: Uploader) -> None:
    address = uploader.begun()
    assert [
        uploader.client.get("/imports/uploads/").status_code,
        uploader.client.get(f"{address}discard/").status_code,
    ] == [405, 405]
    for method in ("post", "put", "delete"):
        assert getattr(uploader.client, method)(address).status_code == 405
    assert uploader.offset(address) == 0


def test_changes_want_the_forms_token(uploader: Uploader) -> None:
    address = uploader.begun()
    uploader.client.handler.enforce_csrf_checks = True
    assert uploader.begin().status_code == 403
    assert uploader.send(address, CONTENT, 0).status_code == 403
    assert uploader.client.post(f"{address}discard/").status_code == 403
    assert uploader.offset(address) == 0


def test_a_person_has_only_so_many(uploader: Uploader, colleague: ChainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "MOST_OF_A_PERSON", 2)
    for name in ("a", "b"):
        uploader.begun(name=name)
    response = uploader.begin(name="c")
    assert (response.status_code, code_of(response)) == (409, "too_many_uploads")
    assert "You have 2 unfinished uploads." in text_of(response)
    assert uploader.begin(name="a").status_code == 201
    assert Uploader(colleague).begin(name="c").status_code == 201


@pytest.mark.parametrize(("most", "largest"), [(2, 1 << 20), (100, 75)])
def test_so_has_a_chain_in_number_and_size(
    uploader: Uploader,
    colleague: ChainClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    largest: int,
) -> None:
    for name in ("a", "b"):
        uploader.begun(name=name)
    monkeypatch.setattr(resumable, "MOST_OF_A_CHAIN", most)
    settings.IMPORT_LARGEST_FILE = largest
    response = Uploader(colleague).begin(b"x" * 70, name="c")
    assert (response.status_code, code_of(response)) == (409, "too_many_uploads")
    assert Upload.objects.count() == 2


def test_where_there_is_no_room_it_is_said_at_once(
    uploader: Uploader, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(100, 90, 10))
    response = uploader.begin()
    assert (response.status_code, code_of(response)) == (507, "disk_full")
    assert "There is no room left for the file." in text_of(response)
    assert not Upload.objects.exists()
    assert list((files / "acme" / "imports").iterdir()) == []


def test_a_disk_that_fills_up_meanwhile_costs_a_piece(
    uploader: Uploader, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = uploader.begun()
    uploader.send(address, CONTENT[:50], 0)

    def fill(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(resumable.os, "fsync", fill)
        response = uploader.send(address, CONTENT[50:], 50)
    assert (response.status_code, code_of(response)) == (507, "disk_full")
    assert uploader.offset(address) == 50
    assert uploader.send(address, CONTENT[50:], 50).status_code == 204
    assert content_of(files, address) == CONTENT


def test_what_nobody_goes_on_with_is_deleted(uploader: Uploader, files: Path) -> None:
    old, young = uploader.begun(name="old.csv"), uploader.begun(name="young.csv")
    Upload.objects.filter(file_name="old.csv").update(touched_at=timezone.now() - timedelta(hours=25))
    tasks.delete_old_files.delay()
    assert uploader.client.head(old).status_code == 404
    assert uploader.offset(young) == 0
    assert [folder.name for folder in (files / "acme" / "imports").iterdir()] == [young.split("/")[-2]]


def test_an_upload_whose_file_is_gone_begins_anew(uploader: Uploader, files: Path) -> None:
    """As in a chain that was restored from its archive."""
    address = uploader.begun()
    (files / "acme" / "imports" / address.split("/")[-2] / "upload").unlink()
    assert uploader.send(address, CONTENT, 0).status_code == 404
    assert uploader.begun() != address
