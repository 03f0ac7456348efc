"""An archive gives the chain back: the same rows, files, counters, and the same answers to every question."""

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.mail.models import OutgoingMail
from core.reporting.answers import answer
from core.reporting.question import BASES, BREAKDOWNS, SCOPES, Question
from tenants.life.archive.writer import write_archive
from tenants.life.restoration import restore_chain
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tenants.signup.email_directory import find_chains
from tests.plugins.chains import outside_chains
from tests.tenants.life.conftest import RESTORED, rows_of
from tests.tenants.provisioning.catalogue import catalogue

YEAR = {"start": date(2025, 1, 1), "end": date(2026, 1, 1)}


def answers(chain: Chain) -> dict[Any, Any]:
    with tenant_context(chain):
        return {
            key: answer(Question(**YEAR, by=key[0], scope=key[1], basis=key[2]))
            for key in product(BREAKDOWNS, SCOPES, BASES)
        }


def structure(chain: Chain) -> dict[str, Any]:
    with tenant_context(chain), connection().as_owner():
        found = {name: part for name, part in catalogue(chain.schema_name).items() if name != "rows"}
    # Being restored is one more entry in the trail.
    del found["counters"]["audit_auditentry_id_seq"]
    return found


def chain_named(schema: str) -> Chain:
    with outside_chains():
        return Chain.objects.get(schema_name=schema)


def test_export_erase_restore(furnished: Chain, places: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with tenant_context(furnished):
        Client.objects.create(ref='a\n"b\\N', name="", phone="\\.", wechat="\t,")
        Session.objects.create(session_key="stolen", session_data="x", expire_date=timezone.now())
        OutgoingMail.objects.create(from_email="a", to=[], subject="twice", text="t")
    # Asking keeps what was counted, so it comes first.
    asked, before, shape = answers(furnished), rows_of(furnished), structure(furnished)
    target = tmp_path / "chain.zip"
    write_archive(furnished, target, on_progress=lambda done, total: told.append((done, total)))
    assert target.stat().st_mode & 0o777 == 0o600
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)

    drop_chain(Chain.objects.get(pk=furnished.pk))
    made = restore_chain(archive=target, schema=f"{RESTORED}1")
    again = chain_named(made.schema)
    assert rows_of(again) == before
    assert answers(again) == asked
    assert structure(again) == shape
    assert sum(total.total.clients for total in asked.values()) > 0
    assert (again.name, again.currency, again.time_zone, again.language) == (
        "美丽 & Co", "EUR", "Europe/Berlin", "en",
    )  # fmt: skip
    assert (places / "files" / made.schema / "imports" / "一个" / "upload").read_bytes() == b"\x00\xff" * 1000
    with tenant_context(again):
        assert not Session.objects.exists()
        assert not OutgoingMail.objects.exists()
        assert User.objects.get().email == "owner@acme.test"
        assert AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[0] == "chain.restored"
        highest = max(Client.objects.values_list("pk", flat=True))
        assert Client.objects.create(ref="next").pk > highest


def test_the_people_of_a_restored_chain_find_it(furnished: Chain, places: Path, tmp_path: Path) -> None:
    path = tmp_path / "chain.zip"
    with outside_chains():
        write_archive(furnished, path)
        made = restore_chain(archive=path, schema=RESTORED)
        assert ("美丽 & Co", made.domain) in find_chains("owner@acme.test")


def test_the_snapshot_is_of_one_moment(furnished: Chain, tmp_path: Path) -> None:
    """What comes in while an archive is made is not in it, in any table."""
    before = rows_of(furnished)
    late: list[bool] = []

    def meanwhile(_done: int, _total: int) -> None:
        if late:
            return
        late.append(True)
        import threading

        def work() -> None:
            with tenant_context(furnished):
                Client.objects.create(ref="late")
            connection().close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    write_archive(furnished, tmp_path / "chain.zip", on_progress=meanwhile)
    restore_chain(archive=tmp_path / "chain.zip", schema=f"{RESTORED}2")
    assert rows_of(furnished) != before
    assert rows_of(chain_named(f"{RESTORED}2")) == before


def test_memory_does_not_grow_with_the_chain(furnished: Chain, tmp_path: Path) -> None:
    import tracemalloc

    with tenant_context(furnished), connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO clients_client (ref, name, gender, phone, backup_phone, wechat, email, occupation, education)"
            " SELECT 'n' || n, repeat(md5(n::text), 4), '', '', '', '', repeat('x', 200), '', ''"
            " FROM generate_series(1, 60000) n"
        )
    tracemalloc.start()
    write_archive(furnished, tmp_path / "chain.zip")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000  # the rows alone are over 20 MB


def test_an_archive_of_an_older_schema_is_migrated(
    furnished: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the audit trail had come after the archive was made."""
    with tenant_context(furnished), connection().as_owner(), connection().cursor() as cursor:
        cursor.execute("DROP TABLE audit_auditentry")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    before = rows_of(furnished)
    write_archive(furnished, tmp_path / "old.zip")
    restore_chain(archive=tmp_path / "old.zip", schema=f"{RESTORED}3")
    again = chain_named(f"{RESTORED}3")
    assert rows_of(again) == before
    with tenant_context(again):
        assert AuditEntry.objects.get().action == "chain.restored"


def test_the_commands(furnished: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "acme.zip"
    before = rows_of(furnished)
    call_command("export_chain", "--chain", furnished.schema_name, "--to", str(target))
    call_command("restore_chain", str(target), "--schema", f"{RESTORED}4", "--domain", "r4.example.com", "--name", "R4")
    assert "r4.example.com" in capsys.readouterr().out
    again = chain_named(f"{RESTORED}4")
    assert again.name == "R4"
    assert rows_of(again) == before


def test_links_among_the_files_are_not_followed(furnished: Chain, places: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the machine")
    (places / "files" / furnished.schema_name / "link").symlink_to(tmp_path / "secret")
    manifest = write_archive(furnished, tmp_path / "chain.zip")
    assert [file.path for file in manifest.files] == ["imports/一个/upload"]


def test_nothing_half_made_is_left(
    furnished: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_committed_chain: Callable[..., Chain]
) -> None:
    def fail(_done: int, _total: int) -> None:
        raise OSError("disk full")

    target = tmp_path / "out" / "chain.zip"
    target.parent.mkdir()
    with pytest.raises(OSError, match="disk full"):
        write_archive(furnished, target, on_progress=fail)
    assert list(target.parent.iterdir()) == []
