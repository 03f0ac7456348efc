"""Files written on the spot and brought in by the one function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.stores.models import BEGINNING, Store

Bring = Callable[..., ImportResult]


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    """The folder of the chains' files, for one test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def bring(media: Path, write: Callable[[str | bytes], Path]) -> Bring:
    """Brings a file's content in: `bring("visits", text, create_missing=True)`."""

    def bring(kind: str, content: str | bytes | Path, **options: Any) -> ImportResult:
        path = content if isinstance(content, Path) else write(content)
        return import_file(kind=kind, source=path, options=ImportOptions(**options), acting_user=None)

    return bring


@pytest.fixture
def refusal(bring: Bring) -> Callable[..., list[str]]:
    """What a file is refused with: the findings on its rows, or the one message on the file."""

    def refusal(kind: str, content: str | bytes | Path, **options: Any) -> list[str]:
        try:
            bring(kind, content, **options)
        except ImportRefused as refused:
            return [str(finding) for finding in refused.result.findings if finding.level == "error"]
        except AppError as error:
            return [str(error.message)]
        pytest.fail("The file was not refused.")

    return refusal


@pytest.fixture
def stores(chain: object) -> list[Store]:
    """S1 and S2, of the chain's time zone."""
    made = [Store.objects.create(code=code, name=f"Salon {code}") for code in ("S1", "S2")]
    for store in made:
        store.locations.create(valid_from=BEGINNING, city="上海", city_tier="一线", region="华东")
    return made
