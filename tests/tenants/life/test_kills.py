"""Processes killed in the middle: what they began is either whole or not there, and can be done again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from tenants.life.archive.writer import write_archive
from tenants.life.erasure import erase_due_chains
from tenants.life.folders import files_folder
from tenants.life.restoration import restore_chain
from tenants.models import Chain
from tenants.signup.models import DirectoryEntry
from tests.plugins.chains import outside_chains
from tests.tenants.life.conftest import RESTORED, erasures_of, rows_of
from tests.tenants.life.test_archive import chain_named
from tests.tenants.life.test_erasure import traces


def killed_at(place: str, call: int, work: str, places: Path, *, after: bool = False) -> None:
    """Runs `work` in a process of its own, which ends without a word before or after a given call of a function."""
    module, _dot, name = place.rpartition(".")
    code = f"""
import importlib, itertools, os, signal
from django.conf import settings
settings.MEDIA_ROOT, settings.EXPORT_ROOT = {str(places / "files")!r}, {str(places / "exports")!r}
import django
django.setup()
module, calls = importlib.import_module({module!r}), itertools.count(1)
kept = getattr(module, {name!r})
def perhaps(*given, **named):
    is_it = next(calls) == {call}
    if is_it and not {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    result = kept(*given, **named)
    if is_it:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, {name!r}, perhaps)
{work}
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, timeout=120)
    assert ended.returncode == -9, ended.stderr.decode()


@pytest.mark.parametrize(
    ("place", "call", "after"),
    [
        ("tenants.life.archive.tables.copy_statement", 1, False),
        ("tenants.life.archive.tables.copy_statement", 12, False),
        ("tenants.life.restoration.record", 1, False),
        ("tenants.life.restoration.rebuild_for_chain", 1, False),
        ("tenants.life.restoration.rebuild_for_chain", 1, True),
        ("tenants.life.restoration.move_files", 1, True),
    ],
)
def test_restoring(furnished: Chain, places: Path, tmp_path: Path, place: str, call: int, *, after: bool) -> None:
    archive, before = tmp_path / "chain.zip", rows_of(furnished)
    write_archive(furnished, archive)
    schema = f"{RESTORED}killed"
    work = f"""
from pathlib import Path
from tenants.life.restoration import restore_chain
restore_chain(archive=Path({str(archive)!r}), schema={schema!r})
"""
    killed_at(place, call, work, places, after=after)
    # Files may lie there for a chain that never came; whoever has the name next does not find them.
    assert traces(schema)[:4] == [0] * 4
    if after:
        files_folder(schema).mkdir(parents=True, exist_ok=True)
        (files_folder(schema) / "stray").write_bytes(b"x")
    restore_chain(archive=archive, schema=schema)
    made = chain_named(schema)
    assert rows_of(made) == before
    assert contents(files_folder(schema)) == contents(files_folder(furnished.schema_name))
    with outside_chains():
        assert DirectoryEntry.objects.filter(chain=made).count() == 1


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["_count_tables", "drop_chain", "remove_folders", "delete_chain_keys"])
def test_erasing(furnished: Chain, places: Path, name: str) -> None:
    schema = furnished.schema_name
    with outside_chains():
        Chain.objects.filter(pk=furnished.pk).update(erase_at=timezone.now())
    killed_at(
        f"tenants.life.erasure.{name}",
        1,
        "from tenants.life.erasure import erase_due_chains\nerase_due_chains()",
        places,
    )
    assert traces(schema)[:4] in ([1, 2, 1, 1], [0] * 4)
    with outside_chains():
        erase_due_chains()
    assert traces(schema) == [0] * 6
    assert len(erasures_of(schema)) == 1
