"""Visits files that name closed stores: rows from the closing day on are refused, and say why."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core.accounts.models import User
from core.clients.models import Client
from core.imports.services.results import ImportResult
from core.stores.models import Store
from core.stores.services.stores import close_store, reopen_store
from core.visits.models import Visit

Bring = Callable[..., ImportResult]
Refusal = Callable[..., list[str]]
HEAD = "client_ref,started_at,amount,store_code,visit_ref\n"
FILE = HEAD + "C1,2025-03-03,10,S1,1\nC2,2025-03-04,10,S1,2\nC3,2025-03-09 10:00,10,S1,3\nC4,2025-03-09,10,S2,4\n"
MESSAGE = "“S1” has been closed since 4 Mar 2025 and takes no visits from then on."


@pytest.fixture
def closed(stores: list[Store], hq_user: User) -> Store:
    return close_store(code="S1", closed_on=date(2025, 3, 4), acting_user=hq_user)


def test_each_row_is_named(closed: Store, refusal: Refusal) -> None:
    assert refusal("visits", FILE, create_missing=True) == [
        f"line 3, started_at: {MESSAGE}",
        f"line 4, started_at: {MESSAGE}",
    ]
    assert not Visit.objects.exists()


def test_good_rows_come_in_without_them(closed: Store, bring: Bring) -> None:
    result = bring("visits", FILE, create_missing=True, skip_bad_rows=True)
    assert (result.created, result.rejected) == (2, 2)
    assert set(Visit.objects.values_list("client__ref", flat=True)) == {"C1", "C4"}
    assert set(Client.objects.values_list("ref", flat=True)) == {"C1", "C4"}
    assert result.rejects_file is not None
    assert [row.split(",")[0] for row in result.rejects_file.read_text("utf-8-sig").splitlines()[1:]] == ["C2", "C3"]


@pytest.mark.parametrize("append", [False, True])
def test_what_was_there_when_it_closed_stays_unchanged(
    stores: list[Store], bring: Bring, refusal: Refusal, hq_user: User, append: bool
) -> None:
    head, options = "client_ref,started_at,amount,store_code\n", {"create_missing": True, "append": append}
    file = head + "C1,2025-03-03,10,S1\nC2,2025-03-04,10,S1\n"
    bring("visits", file, **options)
    close_store(code="S1", closed_on=date(2025, 3, 4), acting_user=hq_user)
    assert bring("visits", file, **options).unchanged == 2
    changed = head + "C1,2025-03-03,10,S1\nC2,2025-03-04,11,S1\n"
    assert refusal("visits", changed, **options) == [f"line 3, started_at: {MESSAGE}"]


@pytest.mark.parametrize("options", [{"store": "S1"}, {"store": "S1", "dry_run": True}])
def test_the_store_of_the_option(closed: Store, refusal: Refusal, options: dict[str, Any]) -> None:
    assert refusal("visits", "started_at,amount\n2025-03-03,1\n2025-03-04,1\n", **options) == [
        f"line 3, started_at: {MESSAGE}"
    ]


def test_opened_again_it_takes_them(closed: Store, bring: Bring, hq_user: User) -> None:
    reopen_store(code="S1", acting_user=hq_user)
    assert bring("visits", FILE, create_missing=True).created == 4
