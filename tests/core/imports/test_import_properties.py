"""Whatever valid visits a file holds, in whatever order of rows, the chain holds what plain gathering gives."""

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clients.keys import client_key
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportResult
from core.stores.models import Store
from core.visits.models import VisitLine

pytestmark = pytest.mark.slow
HEAD = [
    "store_code",
    "client_ref",
    "started_at",
    "visit_ref",
    "item",
    "quantity",
    "amount",
    "paid_by_card",
    "staff_code",
]
NASTY = ["C1", "c1", "C 1", "007", "客户", 'a"b', "x\\N", "a,b", "tab\there", "é", "\\.", "NULL", "line\nbreak"]
# What these files leave open: every client is one, receipts and days are named whole, and are of the client they name.
# A semicolon in the name of an item parts nothing.
ANSWERS = {
    **{f"client:{name}": "client" for name in [*NASTY, "none", "-"]},
    "receipts:days": "moved",
    "receipts:client": "separate",
    "receipts:lines": "replace",
    "days:lines": "replace",
    "items:several": "whole",
    "receipts:twice": "each",
    "receipts:nobody": "apart",
    "sums:receipts": "count",
    "sums:days": "count",
}
SETTINGS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
Known = dict[tuple[Any, ...], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Row:
    store: str
    client: str
    day: date
    at: time
    ref: str
    item: str
    quantity: Decimal
    amount: Decimal
    card: bool
    staff: str

    @property
    def visit(self) -> tuple[str, str | date, str]:
        return (self.store, self.ref or self.day, client_key(self.client, "CN"))

    def cells(self) -> list[str]:
        started = f"{self.day} {self.at:%H:%M}" if self.at != time(0) else f"{self.day}"
        return [
            self.store, self.client, started, self.ref, self.item, f"{self.quantity}", f"{self.amount}",
            "yes" if self.card else "", self.staff,
        ]  # fmt: skip


def _with_one_date(rows: list[Row]) -> list[Row]:
    """Rows of one receipt and client have one date; returns give money back."""
    days: dict[tuple[Any, ...], date] = {}
    kept = []
    for row in rows:
        day = days.setdefault(row.visit, row.day)
        amount = -abs(row.amount) if row.quantity < 0 else row.amount
        kept.append(Row(**{**row.__dict__, "day": day, "amount": amount}))
    return kept


ANY_ROWS = st.lists(
    st.builds(
        Row,
        store=st.sampled_from(["S1", "S2"]),
        client=st.sampled_from(["", *NASTY]),
        day=st.dates(date(2025, 1, 1), date(2025, 1, 4)),
        at=st.sampled_from([time(0), time(9, 30), time(23, 59)]),
        ref=st.sampled_from(["", "1", "2", "r\\1", "=3"]),
        item=st.sampled_from(["", "Cut", "cut", "染发", "a;b"]),
        quantity=st.sampled_from([Decimal(1), Decimal(2), Decimal(-1), Decimal("0.5")]),
        amount=st.decimals(-1000, 1000, places=2),
        card=st.booleans(),
        staff=st.sampled_from(["", "ANN", "HOUSE"]),
    ),
    min_size=1,
    max_size=40,
)
ROWS = ANY_ROWS.map(_with_one_date)


def text_of(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows(row.cells() for row in rows)
    return out.getvalue()


def gathered(rows: list[Row]) -> Known:
    """What the file says, in plain Python."""
    visits: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        visits[row.visit].append(row)
    known: Known = {}
    for lines in visits.values():
        first = lines[0]
        place = (first.store, first.visit[2] or None, first.day, min(line.at for line in lines), first.ref)
        told = [
            (line.item.casefold() or None, line.quantity, line.amount, line.card, line.staff or None) for line in lines
        ]
        known[place] = sorted([*known.get(place, []), *told], key=str)
    return known


def held() -> Known:
    """What the chain holds."""
    known: Known = defaultdict(list)
    lines = VisitLine.objects.select_related("visit__store", "visit__client", "service", "staff")
    for line in lines:
        visit = line.visit
        place = (
            visit.store.code, visit.client.ref_key if visit.client else None, visit.day, visit.start_time, visit.ref,
        )  # fmt: skip
        item = line.service.code.casefold() if line.service else None
        staff = line.staff.code if line.staff else None
        quantity = line.quantity.normalize() if line.quantity != 1 else Decimal(1)
        known[place].append((item, quantity, line.amount, line.paid_by_card, staff))
    return {place: sorted(told, key=str) for place, told in known.items()}


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def bring(path: Path, rows: list[Row], **options: Any) -> ImportResult:
    path.write_text(text_of(rows), encoding="utf-8", newline="")
    return import_file(
        kind="visits",
        source=path,
        options=ImportOptions(**{"create_missing": True, "answers": ANSWERS, **options}),
        acting_user=None,
    )


@SETTINGS
@given(rows=ROWS)
def test_the_chain_holds_what_the_file_says(path: Path, stores: list[Store], rows: list[Row]) -> None:
    with rolled_back():
        result = bring(path, rows)
        assert held() == gathered(rows)
        assert (result.rows, result.created) == (len(rows), len({row.visit for row in rows}))


@SETTINGS
@given(rows=ROWS, seed=st.integers(0, 99))
def test_any_order_of_rows_is_the_same_file(path: Path, stores: list[Store], rows: list[Row], seed: int) -> None:
    with rolled_back():
        created = bring(path, rows).created
        before = list(VisitLine.objects.order_by("pk").values_list())
        shuffled = random.Random(seed).sample(rows, len(rows))
        result = bring(path, shuffled)
        assert (result.created, result.updated, result.unchanged) == (0, 0, created)
        assert list(VisitLine.objects.order_by("pk").values_list()) == before


@SETTINGS
@given(first=ROWS, second=ROWS)
def test_a_later_file_replaces_the_visits_it_names(
    path: Path, stores: list[Store], first: list[Row], second: list[Row]
) -> None:
    with rolled_back():
        bring(path, first)
        result = bring(path, second)
        named = {row.visit for row in second}
        assert held() == gathered([row for row in first if row.visit not in named] + second)
        assert result.created + result.updated + result.unchanged == len(named)
        again = bring(path, second)
        assert (again.created, again.updated, again.unchanged) == (0, 0, len(named))


@SETTINGS
@given(rows=ROWS, cut=st.integers(0, 40))
def test_days_can_be_added_to(path: Path, stores: list[Store], rows: list[Row], cut: int) -> None:
    """A day in two files, the second appended, is the day in one."""
    rows = [Row(**{**row.__dict__, "ref": "", "amount": abs(row.amount), "quantity": Decimal(1)}) for row in rows]
    first, second = rows[:cut], rows[cut:]
    if not (first and second):
        return
    with rolled_back():
        path.write_text("")
        _bring_days(path, first)
        _bring_days(path, second, append=True)
        again = _bring_days(path, second, append=True)
        assert (again.created, again.updated) == (0, 0)
        assert held() == gathered(rows)
        whole = _bring_days(path, rows)
        assert (whole.created, whole.updated, whole.unchanged) == (0, 0, len({row.visit for row in rows}))


def _bring_days(path: Path, rows: list[Row], *, append: bool = False) -> ImportResult:
    """Without a column of receipts."""
    table = [line[:3] + line[4:] for line in [HEAD, *(row.cells() for row in rows)]]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    options = ImportOptions(create_missing=True, append=append, answers=ANSWERS)
    return import_file(kind="visits", source=path, options=options, acting_user=None)


@SETTINGS
@given(rows=ANY_ROWS, seed=st.integers(0, 99))
def test_any_split_between_visits_is_the_whole(path: Path, stores: list[Store], rows: list[Row], seed: int) -> None:
    """In any order of the parts, also where receipt numbers start again each day."""
    rng = random.Random(seed)
    apart = {**ANSWERS, "receipts:days": "separate"}
    parts: list[list[Row]] = [[], [], []]
    place: dict[Any, int] = {}
    for row in rows:
        parts[place.setdefault((*row.visit, row.day), rng.randrange(3))].append(row)
    with rolled_back():
        bring(path, rows, answers=apart)
        whole = held()
    with rolled_back():
        for part in filter(None, parts):
            bring(path, part, answers=apart)
        assert held() == whole
        for part in filter(None, [rows, *parts]):
            again = bring(path, part, answers=apart)
            assert (again.created, again.updated) == (0, 0)


@SETTINGS
@given(day=st.integers(0, 3000), rest=ROWS)
def test_distant_days_do_not_meet(path: Path, stores: list[Store], day: int, rest: list[Row]) -> None:
    """The same rows on other dates are other visits where receipts are missing."""
    moved = [Row(**{**row.__dict__, "day": row.day - timedelta(days=day + 10), "ref": ""}) for row in rest]
    here = [Row(**{**row.__dict__, "ref": ""}) for row in rest]
    with rolled_back():
        bring(path, here)
        assert bring(path, moved).created == len({row.visit for row in moved})
        assert held() == gathered(here + moved)
