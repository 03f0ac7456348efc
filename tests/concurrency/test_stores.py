"""Stores opened at the same moment, over real connections."""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.trail import record
from core.imports.services.imports import import_file
from core.imports.services.kinds.visits import VisitImport
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from core.stores.models import Store, StoreGroupMember
from core.stores.services.groups import add_stores, create_group
from core.stores.services.stores import close_store, open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.references import hold
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins.at_once import at_once, refusals_at_once
from tests.plugins.chains import make_user

TRIES = 8
DAY = date(2025, 3, 4)


def test_of_many_who_open_the_last_store_at_once_one_does(
    make_committed_chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(**about: Any) -> None:
        """So that each has written its store before any counts."""
        time.sleep(0.3)
        record(**about)

    chain = make_committed_chain()
    chain.allowance = {"plan": "chain", "stores": 3}
    chain.save()
    with tenant_context(chain):
        for code in ("A", "B"):
            open_store(code=code, name=code, city="X", city_tier="一线", region="E")
    monkeypatch.setattr("core.stores.services.stores.record", slowly)

    def one(number: int) -> Callable[[], Store]:
        return lambda: open_store(code=f"N{number}", name="N", city="X", city_tier="一线", region="E")

    ends = refusals_at_once(*map(one, range(TRIES)), chain=chain)
    assert ends == ["", *["plan_limit"] * (TRIES - 1)]
    with tenant_context(chain):
        assert Store.objects.open().count() == 3


@pytest.fixture
def recording(make_committed_chain: Callable[..., Chain]) -> tuple[Chain, User]:
    chain = make_committed_chain()
    with tenant_context(chain):
        open_store(code="A", name="A", city="X", city_tier="一线", region="E")
        return chain, make_user("hq@acme.test", role=User.Role.HQ)


def test_closing_waits_for_a_visit_that_is_being_recorded(
    recording: tuple[Chain, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever is first, the store never takes a visit once it is closed."""
    chain, user = recording
    held, closing = Event(), Event()

    def slowly(*records: Any, **lines: Any) -> None:
        hold(*records, **lines)
        held.set()
        assert closing.wait(30)
        time.sleep(0.3)

    monkeypatch.setattr("core.visits.services.visits.hold", slowly)

    def visit() -> Visit:
        store = Store.objects.get(code="A")
        return record_visit(acting_user=user, store=store, client=None, day=DAY, lines=[NewLine(amount=Decimal(1))])

    def close() -> bool:
        held.wait(30)
        closing.set()
        close_store(code="A", closed_on=DAY, acting_user=user)
        return Visit.objects.exists()

    made, seen_by_closing = at_once(visit, close, chain=chain)
    assert isinstance(made, Visit)
    assert seen_by_closing


def test_a_store_read_before_it_closed_takes_no_visit(recording: tuple[Chain, User]) -> None:
    chain, user = recording
    with tenant_context(chain):
        stale = Store.objects.get(code="A")
        close_store(code="A", closed_on=DAY, acting_user=user)
        with pytest.raises(AppError) as refused:
            record_visit(acting_user=user, store=stale, client=None, day=DAY, lines=[NewLine(amount=Decimal(1))])
        assert refused.value.code == "store_closed"


def test_closing_while_an_import_is_at_work(
    recording: tuple[Chain, User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import holds its stores until it ends; who would close one is told so and does not wait for long."""
    chain, user = recording
    monkeypatch.setattr("core.shared.record_locks.LOCK_SECONDS", 1)
    path = tmp_path / "visits.csv"
    path.write_text(f"client_ref,started_at,amount,store_code\n,{DAY},1,A\n")
    loading, refused = Event(), Event()
    load = VisitImport.load

    def slowly(self: VisitImport) -> Any:
        loading.set()
        assert refused.wait(30)
        return load(self)

    monkeypatch.setattr(VisitImport, "load", slowly)

    def bring() -> int:
        return import_file(kind="visits", source=path, options=ImportOptions()).created

    def close() -> str:
        assert loading.wait(30)
        try:
            close_store(code="A", closed_on=DAY, acting_user=user)
        except AppError as error:
            return error.code
        finally:
            refused.set()
        return "closed"

    assert at_once(bring, close, chain=chain) == [1, "store_in_use"]


def test_of_many_who_add_a_store_to_a_group_at_once_one_does(make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain()
    with tenant_context(chain):
        open_store(code="A", name="A", city="X", city_tier="一线", region="E")
        group = create_group(name="Pilot").pk

    def one(number: int) -> Callable[[], Any]:
        since = date(2025, 1, 1 + number)
        return lambda: add_stores(group_id=group, codes=["A"], joined_on=since)

    ends = refusals_at_once(*map(one, range(TRIES)), chain=chain)
    assert ends == ["", *["already_in_group"] * (TRIES - 1)]
    with tenant_context(chain):
        assert StoreGroupMember.objects.count() == 1
