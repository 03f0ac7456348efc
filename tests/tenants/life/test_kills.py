"""Processes killed in the middle: what they began is either whole or not there, and can be done again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from tenants.life.archive.writing import write_archive
from tenants.life.erasure import erase_due, erasures_of
from tenants.life.restoring import restore_chain
from tenants.models import Chain
from tests.plugins.chains import outside_chains
from tests.tenants.life.conftest import RESTORED, rows_of
from tests.tenants.life.test_archive import chain_named
from tests.tenants.life.test_erasure import traces


def killed_at(place: str, call: int, work: str, places: Path) -> None:
    """Runs `work` in a process of its own, which ends without a word at the given call of a function."""
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
    if next(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return kept(*given, **named)
setattr(module, {name!r}, perhaps)
{work}
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, timeout=120)
    assert ended.returncode == -9, ended.stderr.decode()


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("tenants.life.archive.tables.copy_statement", 1),
        ("tenants.life.archive.tables.copy_statement", 12),
        ("tenants.life.restoring.record", 1),
        ("tenants.life.restoring.remove_folders", 1),
    ],
)
def test_restoring(furnished: Chain, places: Path, tmp_path: Path, place: str, call: int) -> None:
    archive, before = tmp_path / "chain.zip", rows_of(furnished)
    write_archive(furnished, archive)
    schema = f"{RESTORED}killed"
    work = f"""
from pathlib import Path
from tenants.life.restoring import restore_chain
restore_chain(archive=Path({str(archive)!r}), schema={schema!r})
"""
    killed_at(place, call, work, places)
    if place.endswith("remove_folders"):
        # The database had it already; only its files were still to come.
        assert rows_of(chain_named(schema)) == before
        return
    assert traces(schema) == [0] * 6
    restore_chain(archive=archive, schema=schema)
    assert rows_of(chain_named(schema)) == before


@pytest.mark.parametrize("name", ["_tables", "drop_chain", "remove_folders", "forget_chain"])
def test_erasing(furnished: Chain, places: Path, name: str) -> None:
    schema = furnished.schema_name
    with outside_chains():
        Chain.objects.filter(pk=furnished.pk).update(erase_at=timezone.now())
    killed_at(f"tenants.life.erasure.{name}", 1, "from tenants.life.erasure import erase_due\nerase_due()", places)
    assert traces(schema)[:4] in ([1, 2, 1, 1], [0] * 4)
    with outside_chains():
        erase_due()
    assert traces(schema) == [0] * 6
    assert len(erasures_of(schema)) == 1
