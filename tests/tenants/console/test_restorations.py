"""An archive that is uploaded becomes a chain; one that is none is refused in words."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.jobs.queue import retry_job
from core.jobs.running import run_job
from core.jobs.tasks import run_platform_job, send_next
from tenants.console import restorations
from tenants.console.models import OperatorAction, Restoration
from tenants.life.archive.writer import write_archive
from tenants.models import Chain
from tenants.provisioning import drop_chain
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.console import HOST

ADD = "/console/restoration/add/"


@pytest.fixture
def places(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "files", tmp_path / "exports"
    settings.CONSOLE_NEEDS_SECOND_FACTOR = False
    return tmp_path


@pytest.fixture
def committed_console(committed_operator: User, places: Path) -> Iterator[ChainClient]:
    """What it made is taken away again."""
    client = ChainClient(headers={"host": HOST})
    client.force_login(committed_operator)
    yield client
    with outside_chains():
        for chain in Chain.objects.filter(schema_name__startswith="restored_by"):
            drop_chain(chain)


def archive_of(chain: Chain, place: Path) -> bytes:
    target = place / "chain.zip"
    write_archive(chain, target)
    return target.read_bytes()


def post(client: ChainClient, content: bytes, **form: str) -> Any:
    return client.post(ADD, {"archive": SimpleUploadedFile("acme.zip", content), "address": "new-one", **form})


def left(places: Path) -> list[Path]:
    return [path for path in places.rglob("*") if path.is_file() and path.name != "chain.zip"]


def test_an_archive_becomes_a_chain(
    committed_console: ChainClient, make_committed_chain: Callable[..., Chain], places: Path
) -> None:
    chain = make_committed_chain(name="Lotus")
    with tenant_context(chain):
        Client.objects.create(ref="C1", name="Lin")
    response = post(committed_console, archive_of(chain, places), address="restored-by-us", name="Lotus again")
    assert response.headers["Location"] == "/console/restoration/"
    with outside_chains():
        assert [(one.state, one.error) for one in Restoration.objects.all()] == [("done", "")]
        made = Chain.objects.get(schema_name="restored_by_us")
        assert made.name == "Lotus again"
        assert made.get_primary_domain().domain == "restored-by-us.localhost"
        assert "Restoration as restored_by_us asked for" in OperatorAction.objects.values_list("what", flat=True)
    with tenant_context(made):
        assert Client.objects.get().name == "Lin"
        assert AuditEntry.objects.latest("pk").actor == "operator committed@platform.test"
    assert not left(places)
    assert "restored-by-us.localhost" in committed_console.get("/console/restoration/").content.decode()


def test_twice_pressed_it_is_made_once(
    committed_console: ChainClient,
    make_committed_chain: Callable[..., Chain],
    places: Path,
    no_worker: pytest.MonkeyPatch,
) -> None:
    content = archive_of(make_committed_chain(), places)
    for _press in range(2):
        assert post(committed_console, content, address="restored-by-two").status_code == 302
    with outside_chains():
        made = list(Restoration.objects.order_by("asked_at"))
        for one in (*made, made[0]):
            run_platform_job.delay(str(one.pk))
        ends = list(Restoration.objects.order_by("asked_at").values_list("state", "error"))
        assert [state for state, _error in ends] == ["done", "refused"]
        assert "taken" in ends[1][1]
        assert Chain.objects.filter(schema_name="restored_by_two").count() == 1


@pytest.mark.parametrize("step", ["tenants.life.restoration.rebuild_for_chain", "tenants.life.restoration.move_files"])
def test_what_failed_at_the_very_end_left_nothing_and_can_be_tried_again(
    committed_console: ChainClient,
    make_committed_chain: Callable[..., Chain],
    places: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError("No space left on device")

    content = archive_of(make_committed_chain(), places)
    with monkeypatch.context() as patched:
        patched.setattr(step, fail)
        post(committed_console, content, address="restored-by-retry")
    with outside_chains():
        one = Restoration.objects.get()
        assert one.state == "failed"
        assert "Nothing was kept" in one.error
        assert not Chain.objects.filter(schema_name="restored_by_retry").exists()
        retry_job(one)
        send_next(one)
        one.refresh_from_db()
        assert (one.state, one.error) == ("done", "")
        assert Chain.objects.filter(schema_name="restored_by_retry").exists()
    assert not left(places)


@pytest.mark.parametrize("place", ["tenants.console.restorations.restore_chain", "core.jobs.work.Work.close"])
def test_a_worker_killed_before_or_after_the_chain_was_there(
    committed_console: ChainClient,
    make_committed_chain: Callable[..., Chain],
    places: Path,
    no_worker: pytest.MonkeyPatch,
    place: str,
) -> None:
    """The chain and the word that it is done come together: taken up again, neither is made without the other."""

    class Killed(BaseException):
        pass

    content = archive_of(make_committed_chain(), places)
    post(committed_console, content, address="restored-by-done")
    with outside_chains():
        one = Restoration.objects.get()
        with patch(place, side_effect=Killed), pytest.raises(Killed):
            run_job(str(one.pk))
        is_there = Chain.objects.filter(schema_name="restored_by_done").exists()
        one.refresh_from_db()
        assert one.state == ("done" if is_there else "running")
        no_worker.undo()
        send_next()
        one.refresh_from_db()
        assert (one.state, Chain.objects.filter(schema_name="restored_by_done").count()) == ("done", 1)


def damaged(content: bytes) -> bytes:
    return content[: len(content) // 2]


def climbing(_content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("../../etc/passwd", "x")
    return made.getvalue()


def newer(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b'"0001_initial"', b'"9999_later"') if name == "manifest.json" else data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("spoil", "words"), [(damaged, "no archive of a chain"), (climbing, "leads out"), (newer, "newer version")]
)
def test_bad_archives_are_refused_in_words(
    committed_console: ChainClient,
    make_committed_chain: Callable[..., Chain],
    places: Path,
    spoil: Callable[[bytes], bytes],
    words: str,
) -> None:
    content = spoil(archive_of(make_committed_chain(), places))
    assert post(committed_console, content, address="restored-by-nobody").status_code == 302
    with outside_chains():
        one = Restoration.objects.get()
        assert one.state == "refused"
        assert words in one.error
        assert not Chain.objects.filter(schema_name="restored_by_nobody").exists()
    assert words in committed_console.get("/console/restoration/").content.decode()
    assert not left(places)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"address": ""}, "This field is required"),
        ({"address": "console"}, "reserved"),
        ({"address": "ab"}, "Use 3 characters"),
        ({"address": "adm1n"}, "can be mistaken"),
        ({"address": "our-revisit"}, "our own name"),
        ({"address": "acme"}, "is taken"),
        ({"address": "Not An Address"}, "Use the letters"),
        ({"name": "\x07bell"}, "Give the chain a name"),
    ],
)
def test_bad_forms_keep_nothing(console_client: ChainClient, places: Path, form: dict[str, str], words: str) -> None:
    response = post(console_client, b"PK", **form)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not left(places)
    with outside_chains():
        assert not Restoration.objects.exists()


def test_a_file_that_is_too_large(console_client: ChainClient, places: Path, settings: Settings) -> None:
    settings.RESTORE_LARGEST = 10
    response = post(console_client, b"x" * 100)
    assert response.status_code == 400
    assert "allowed here" in response.content.decode()
    assert not left(places)


def test_without_the_token_it_is_refused(operator: User, places: Path) -> None:
    client = ChainClient(headers={"host": HOST}, enforce_csrf_checks=True)
    with outside_chains():
        client.force_login(operator)
    assert post(client, b"PK").status_code == 403
    assert not left(places)


def test_with_a_wrong_token_nothing_of_it_is_kept(operator: User, places: Path) -> None:
    client = ChainClient(headers={"host": HOST}, enforce_csrf_checks=True)
    with outside_chains():
        client.force_login(operator)
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    assert post(client, b"PK", csrfmiddlewaretoken="b" * 32).status_code == 403
    assert not left(places)
    assert post(client, b"PK", csrfmiddlewaretoken="a" * 32, address="console").status_code == 400


def test_archives_that_nobody_came_back_for_go_after_a_week(chain: Chain, places: Path) -> None:
    """Whatever became of the restoration: its row may wait for ever, or be gone."""
    restorations.folder().mkdir(parents=True)
    old, young = (restorations.folder() / f"{name}.zip" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"PK")
    week_ago = (timezone.now() - restorations.KEPT).timestamp() - 1
    os.utime(old, (week_ago, week_ago))
    restorations.delete_old_archives()
    assert left(places) == [young]


def test_strangers_upload_nothing(chain: Chain, places: Path) -> None:
    response = post(ChainClient(headers={"host": HOST}), b"PK")
    assert response.status_code == 302
    assert not left(places)
