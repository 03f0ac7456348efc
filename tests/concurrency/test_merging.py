"""Records are merged while others record visits of them, over real connections."""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from threading import Event
from typing import Any

import pytest

from core.accounts.models import User
from core.clients.models import Client
from core.merging.models import Merge
from core.merging.services.merging import merge_clients, merge_stores
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.references import hold
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.plain import plain_sums
from tests.core.reporting.test_counting_properties import kept_sums
from tests.plugins.at_once import at_once, refusals_at_once
from tests.plugins.chains import make_user

DAY = date(2025, 3, 4)


@pytest.fixture
def pair(committed_chain: Chain) -> tuple[Store, Store]:
    place = {"city": "上海", "city_tier": "一线", "region": "华东"}
    return open_store(code="A", name="A", **place), open_store(code="B", name="B", **place)


def test_a_visit_that_is_being_recorded_is_moved_too(
    committed_chain: Chain, pair: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, gone = pair
    user, client = make_user("hq@acme.test", role=User.Role.HQ), Client.objects.create(ref="1")
    held, merging = Event(), Event()

    def slowly(*records: Any, **lines: Any) -> None:
        hold(*records, **lines)
        held.set()
        assert merging.wait(30)
        time.sleep(0.5)

    monkeypatch.setattr("core.visits.services.visits.hold", slowly)

    def visit() -> Visit:
        return record_visit(acting_user=user, store=gone, client=client, day=DAY, lines=[NewLine(amount=Decimal(1))])

    def merge() -> Merge:
        assert held.wait(30)
        merging.set()
        return merge_stores(keep=keep, gone=gone, acting_user=user)

    at_once(visit, merge, chain=committed_chain)
    assert Visit.objects.get().store == keep
    assert kept_sums() == plain_sums()


def test_who_was_read_before_a_merge_takes_no_visit(committed_chain: Chain, pair: tuple[Store, Store]) -> None:
    keep, gone = pair
    user = make_user("hq@acme.test", role=User.Role.HQ)
    merge_stores(keep=keep, gone=gone, acting_user=user)
    with pytest.raises(AppError) as refused:
        record_visit(acting_user=user, store=gone, client=None, day=DAY, lines=[NewLine(amount=Decimal(1))])
    assert refused.value.code == "removed"
    assert not Visit.objects.exists()


def test_of_two_who_merge_the_same_record_one_does(committed_chain: Chain) -> None:
    clients = [Client.objects.create(ref=ref) for ref in ("1", "2", "3")]

    def into(keep: Client) -> Callable[[], Merge]:
        return lambda: merge_clients(keep=keep, gone=clients[0], acting_user=None)

    ends = refusals_at_once(into(clients[1]), into(clients[2]), chain=committed_chain)
    assert sorted(ends) == ["", "unknown_record"]
    assert Merge.objects.count() == 1
