"""Exports in tests: made here and now, and opened."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from core.exports.services.writing import write_tables

Unpack = Callable[..., Path]


@pytest.fixture(autouse=True)
def exports_root(tmp_path: Path, settings: Settings) -> Path:
    settings.EXPORT_ROOT = tmp_path / "exports"
    settings.EXPORT_ROOT.mkdir()
    return settings.EXPORT_ROOT


@pytest.fixture
def unpacked(chain: object, tmp_path: Path) -> Unpack:
    """Writes the tables of the chain; the folder that the archive unpacks to."""

    def unpack(*, personal: bool = False) -> Path:
        target, folder = tmp_path / "tables.zip", tmp_path / "tables"
        write_tables(target, personal=personal)
        with zipfile.ZipFile(target) as archive:
            archive.extractall(folder)
        return folder

    return unpack
