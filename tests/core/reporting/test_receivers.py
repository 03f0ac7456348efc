"""What follows from a change besides the facts."""

from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.reporting.facts import refresh
from core.reporting.models import FactBlock
from core.stores.models import Store

LINES = [f"C{number},2025-03-{1 + number % 20:02},50" for number in range(40)]


def test_blocks_of_many_clients_are_folded_at_once(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(refresh, "MANY_CLIENTS", 10)
    # Of a few clients at a time, each of which makes a block.
    monkeypatch.setattr(refresh, "CHUNK", 5)
    file = tmp_path / "visits.csv"
    file.write_text("\n".join(["client_ref,started_at,amount", *LINES, ""]))
    with django_capture_on_commit_callbacks(execute=True):
        options = ImportOptions(store=store.code, create_missing=True)
        import_file(kind="visits", source=file, options=options, acting_user=None)
        assert FactBlock.objects.count() > 5
    assert FactBlock.objects.count() <= 2
