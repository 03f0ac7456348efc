"""However many rows of a file are wrong, they are never in memory all at once."""

import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.accounts.models import User
from core.imports.services import imports
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.services.stores import close_store
from tenants.models import Chain

ROWS = 20_000
# A chunk of rows and what it becomes; all rows as Python objects would be more.
MOST_BYTES = 10 << 20

FILES = {
    "the same client": ("clients", "client_ref,name\n", lambda _n: "A,Ann\n"),
    "clients without a number": ("clients", "client_ref,name\n", lambda n: f",Ann{n}\n"),
    "unknown referrers": ("clients", "client_ref,referrer_ref\n", lambda n: f"C{n},D{n}\n"),
    "unknown clients": ("visits", "client_ref,started_at,amount,store_code\n", lambda n: f"C{n},2025-01-01,1,S1\n"),
    "a closed store": ("visits", "started_at,amount,store_code\n", lambda n: f"2025-01-{n % 28 + 1:02},{n},S2\n"),
    "visits of two dates": (
        "visits",
        "visit_ref,started_at,amount,store_code\n",
        lambda n: f"R{n // 2},2025-01-{n % 28 + 1:02},1,S1\n",
    ),
}


@pytest.fixture
def measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.fixture
def closed(stores: list[Store], hq_user: User) -> Store:
    return close_store(code="S2", closed_on=date(2024, 3, 4), acting_user=hq_user)


def bring_in(path: Path, kind: str, options: ImportOptions, folder: Path) -> ImportResult:
    try:
        return import_file(kind=kind, source=path, options=options, rejects_folder=folder)
    except ImportRefused as refused:
        return refused.result


@pytest.mark.parametrize(
    ("name", "skip"), [*((name, False) for name in FILES), ("the same client", True), ("unknown clients", True)]
)
def test_bad_rows_do_not_fill_the_memory(closed: Store, tmp_path: Path, measured: None, name: str, skip: bool) -> None:
    kind, heading, row = FILES[name]
    path = tmp_path / "file.csv"
    path.write_text(heading + "".join(map(row, range(ROWS))))
    tracemalloc.reset_peak()
    before, _peak = tracemalloc.get_traced_memory()
    options = ImportOptions(skip_bad_rows=skip, answers={"receipts:days": "moved"})
    result = bring_in(path, kind, options, tmp_path)
    _now, peak = tracemalloc.get_traced_memory()
    assert result.rejected >= ROWS - 1
    assert peak - before < MOST_BYTES


def test_a_file_of_too_many_rows_is_refused(chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_ROWS", 1_000)
    path = tmp_path / "file.csv"
    path.write_text("client_ref\n" + "".join(f"C{n}\n" for n in range(1_001)))
    with pytest.raises(AppError) as refused:
        import_file(kind="clients", source=path, options=ImportOptions())
    assert refused.value.code == "too_many_rows"
    assert refused.value.message == "The file has more than 1,000 rows. Split it."
