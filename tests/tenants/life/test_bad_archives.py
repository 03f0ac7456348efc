"""What restoring refuses, and that a refusal leaves neither rows nor files."""

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from core.shared.errors import AppError
from tenants.life.archive.reader import Archive, is_safe
from tenants.life.archive.writer import write_archive
from tenants.life.restoration import restore_chain
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.tenants.life.conftest import RESTORED

Parts = dict[str, bytes]


@pytest.fixture
def good(furnished: Chain, tmp_path: Path) -> Path:
    write_archive(furnished, tmp_path / "good.zip")
    return tmp_path / "good.zip"


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_manifest(parts: Parts, change: Callable[[dict[str, Any]], object]) -> Parts:
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    return {**parts, "manifest.json": json.dumps(manifest).encode()}


def refused(path: Path) -> str:
    """The code of the refusal; nothing was kept."""
    with pytest.raises(AppError) as caught:
        restore_chain(archive=path, schema=f"{RESTORED}bad")
    assert not Chain.objects.filter(schema_name=f"{RESTORED}bad").exists()
    with connection().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [f"{RESTORED}bad"])
        assert cursor.fetchone() == (0,)
    return caught.value.code


@pytest.fixture(autouse=True)
def nothing_unpacked(places: Path) -> Iterator[None]:
    yield
    left = {path.name for path in (places / "files").iterdir()} if (places / "files").exists() else set()
    assert not any(name.startswith((".", RESTORED)) for name in left)


def test_what_is_no_archive(places: Path, tmp_path: Path, db: None) -> None:
    (tmp_path / "x").write_bytes(b"not a zip at all")
    assert refused(tmp_path / "x") == "not_an_archive"
    assert refused(tmp_path / "missing") == "not_an_archive"
    assert refused(packed({"a.txt": b"a"}, tmp_path / "a.zip")) == "not_an_archive"


def test_damage_anywhere(good: Path, tmp_path: Path) -> None:
    parts = parts_of(good)
    cases: dict[str, Parts] = {
        "a changed row": {
            **parts,
            "tables/clients_client.csv": parts["tables/clients_client.csv"].replace("客".encode(), "宾".encode(), 1),
        },
        "a row less": {
            **parts,
            "tables/stores_store.csv": parts["tables/stores_store.csv"].rsplit(b"\n", 2)[0] + b"\n",
        },
        "a table less": {name: content for name, content in parts.items() if name != "tables/stores_store.csv"},
        "another file": {**parts, "files/imports/一个/upload": b"changed"},
        "no json": {**parts, "manifest.json": b"{"},
        "deep json": {**parts, "manifest.json": b"[" * 100_000},
        "wrong types": with_manifest(parts, lambda m: m.update(tables=[{"name": 1}])),
        "negative": with_manifest(parts, lambda m: m["tables"][0].update(rows=-1)),
        "rows miscounted": with_manifest(
            parts, lambda m: next(t for t in m["tables"] if t["name"] == "clients_client").update(rows=5)
        ),
        "no such column order": with_manifest(parts, lambda m: m["sequences"][0].update(last_value="1; DROP")),
    }
    for case, changed in cases.items():
        assert refused(packed(changed, tmp_path / "bad.zip")) == "archive_damaged", case


def test_bytes_cut(good: Path, tmp_path: Path) -> None:
    whole, cut = good.read_bytes(), tmp_path / "cut.zip"
    for number in range(1, 12):
        cut.write_bytes(whole[: len(whole) * number // 12])
        assert refused(cut) == "not_an_archive"


def test_a_flipped_bit_is_refused_wherever_it_lies_in_what_is_kept(good: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(good) as archive:
        entries = [entry for entry in archive.infolist() if entry.compress_size > 20]
    for entry in entries[::4]:
        flipped = bytearray(good.read_bytes())
        begins = entry.header_offset + 30 + len(entry.filename.encode()) + flipped[entry.header_offset + 28]
        flipped[begins + entry.compress_size // 2] ^= 0x10
        (tmp_path / "flipped.zip").write_bytes(flipped)
        assert refused(tmp_path / "flipped.zip") == "archive_damaged", entry.filename


def test_a_manifest_that_agrees_with_changed_rows_still_meets_the_schema(good: Path, tmp_path: Path) -> None:
    """A visit of a client who is not there: the references that the database checks hold."""
    parts = parts_of(good)
    name = "tables/stores_storelocation.csv"
    content = parts[name].replace(b'"1"', b'"999999"')

    def agree(manifest: dict[str, Any]) -> None:
        entry = next(one for one in manifest["tables"] if one["name"] == "stores_storelocation")
        entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())

    assert refused(packed({**with_manifest(parts, agree), name: content}, tmp_path / "bad.zip")) == "archive_damaged"


def test_a_newer_version(good: Path, tmp_path: Path) -> None:
    parts = parts_of(good)
    for change in (
        lambda m: m.update(format=2),
        lambda m: m["migrations"].append(["visits", "9999_later"]),
        lambda m: m["migrations"].append(["unheard_of", "0001_initial"]),
    ):
        assert refused(packed(with_manifest(parts, change), tmp_path / "bad.zip")) == "archive_newer"


def test_a_version_that_never_was(good: Path, tmp_path: Path) -> None:
    changed = with_manifest(parts_of(good), lambda m: m["migrations"].remove(["clients", "0001_initial"]))
    assert refused(packed(changed, tmp_path / "bad.zip")) == "archive_damaged"


def test_tables_and_columns_that_no_chain_has(good: Path, tmp_path: Path) -> None:
    parts = parts_of(good)
    evil = {"name": "evil", "columns": ["a"], "rows": 0, "size": 2, "sha256": "0" * 64}
    cases = [
        {**with_manifest(parts, lambda m: m["tables"].append(evil)), "tables/evil.csv": b"a\n"},
        {**parts, "extra.txt": b"x"},
        with_manifest(parts, lambda m: m["tables"][0]["columns"].append("evil")),
        with_manifest(parts, lambda m: m["tables"][0]["columns"].reverse()),
    ]
    for changed in cases:
        assert refused(packed(changed, tmp_path / "bad.zip")) == "archive_unknown_part"


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "files/../../x", "files/./x", "files//x", "..\\x", "C:/x", "files/..", "files/", "a\\..\\x"],
)
def test_paths_that_climb_out(good: Path, tmp_path: Path, name: str) -> None:
    assert not is_safe(name)
    assert refused(packed({**parts_of(good), name: b"x"}, tmp_path / "bad.zip")) == "archive_unsafe_path"


def test_a_manifest_that_names_such_a_path(good: Path, tmp_path: Path) -> None:
    file = {"path": "../../x", "size": 1, "sha256": "0" * 64}
    changed = with_manifest(parts_of(good), lambda m: m["files"].append(file))
    assert refused(packed(changed, tmp_path / "bad.zip")) == "archive_unsafe_path"


@pytest.mark.parametrize("paths", [("a", "a/b"), ("a/b", "a"), ("x" * 300,), ("x/" * 2100 + "x",)])
def test_paths_that_no_file_system_holds(good: Path, tmp_path: Path, paths: tuple[str, ...]) -> None:
    def list_them(manifest: dict[str, Any]) -> None:
        digest = hashlib.sha256(b"x").hexdigest()
        manifest["files"] += [{"path": path, "size": 1, "sha256": digest} for path in paths]

    changed = {**with_manifest(parts_of(good), list_them), **{f"files/{path}": b"x" for path in paths}}
    assert refused(packed(changed, tmp_path / "bad.zip")) == "archive_damaged"


def test_links_are_refused(good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    shutil.copy(good, bad)
    with zipfile.ZipFile(bad, "a") as archive:
        link = zipfile.ZipInfo("files/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(bad) == "archive_unsafe_path"


def test_bombs_are_refused_before_they_unpack(good: Path, tmp_path: Path, settings: Settings) -> None:
    bomb = packed({**parts_of(good), "files/zeros": bytes(120_000_000)}, tmp_path / "bomb.zip")
    assert refused(bomb) == "archive_too_large"
    settings.RESTORE_LARGEST = 1000
    assert refused(good) == "archive_too_large"


def test_more_than_an_entry_says_is_never_read(good: Path, tmp_path: Path) -> None:
    changed = with_manifest(parts_of(good), lambda m: m["files"][0].update(size=10))
    path = packed(changed, tmp_path / "bad.zip")
    with Archive(path) as archive, pytest.raises(AppError) as caught:
        archive.extract_files(tmp_path / "out")
    assert caught.value.code == "archive_damaged"


def test_a_name_that_is_taken(good: Path, furnished: Chain) -> None:
    with pytest.raises(AppError) as caught:
        restore_chain(archive=good, schema=furnished.schema_name, domain="new.example.com")
    assert caught.value.code == "schema_taken"
    assert Chain.objects.filter(schema_name=furnished.schema_name).exists()
