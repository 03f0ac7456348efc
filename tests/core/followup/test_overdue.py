"""How many clients are overdue at each store: the length of each store's list, in few queries, kept for an hour."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.followup import overdue
from core.followup.absence import absence_of
from core.followup.overdue import overdue_counts
from core.reporting.models import FactLayout
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.core.followup.conftest import TODAY, Come
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import text_of


def counted(stores: list[Store]) -> dict[int, int]:
    return overdue_counts(stores, today=dict.fromkeys((store.pk for store in stores), TODAY))


def listed(stores: list[Store]) -> dict[int, int]:
    lists = {store.pk: absence_of(store, today=TODAY) for store in stores}
    return {store: len(one.clients) for store, one in lists.items() if one.through is not None}


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_length_of_each_list(hq_user: User, today: date, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "CHUNK", 2)
    pick = random.Random(seed)
    stores = [open_store(code=f"s{n}", name="", city="X", city_tier="一线", region="E") for n in range(5)]
    categories = [ServiceCategory.objects.create(name=name) for name in "fg"]
    for number in range(25):
        client = Client.objects.create(ref=str(number))
        for _visit in range(pick.randint(1, 5)):
            line = NewLine(amount=Decimal(5), category=pick.choice(categories))
            day = today - timedelta(days=pick.randint(0, 300))
            # The last store has no data.
            record_visit(acting_user=hq_user, store=pick.choice(stores[:4]), client=client, day=day, lines=[line])
    Store.objects.filter(pk=stores[0].pk).update(complete_through=today + timedelta(days=9))
    stores = list(Store.objects.order_by("code"))
    assert counted(stores) == listed(stores)
    assert sum(counted(stores).values()) > 0


def test_it_is_kept_for_an_hour(come: Come, five: list[Client], store: Store) -> None:
    assert counted([store]) == {store.pk: 5}
    come("5", 0)
    assert counted([store]) == {store.pk: 5}
    cache.clear()
    assert counted([store]) == {store.pk: 4} == listed([store])


def test_it_waits_for_facts_that_tell(five: list[Client], store: Store) -> None:
    FactLayout.objects.update(is_complete=False)
    assert counted([store]) == {}


def test_the_list_of_stores_shows_and_sorts_by_it(come: Come, five: list[Client], hq_client: ChainClient) -> None:
    User.objects.update(language="en")
    second = open_store(code="S002", name="Second", city="X", city_tier="一线", region="E")
    open_store(code="S003", name="Empty", city="X", city_tier="一线", region="E")
    come("9", 100, 70, 40, at=second)
    Store.objects.filter(pk=second.pk).update(complete_through=TODAY)
    page = text_of(hq_client.get("/follow-up/"))
    assert "Acme One S001 5 0 0" in page
    assert "Second S002 1 0 0" in page
    assert "Empty S003 – 0 0" in page
    for sort, order in (("overdue", ["S002", "S001", "S003"]), ("-overdue", ["S001", "S002", "S003"])):
        content = hq_client.get(f"/follow-up/?sort={sort}").content.decode()
        assert sorted(order, key=lambda code: content.index(f"/follow-up/stores/{code}/")) == order


def test_a_regional_manager_has_those_of_the_own_region(
    come: Come, five: list[Client], store: Store, hq_user: User
) -> None:
    user = make_user("region@acme.test", role=User.Role.REGIONAL_MANAGER)
    User.objects.update(language="en")
    user.region_access.create(region="R1")
    for code in ("R1", "R2"):
        open_store(code=code, name=code, city="X", city_tier="一线", region="R1")
    page = text_of(signed_in(user, host="acme.localhost").get("/follow-up/?sort=-overdue"))
    assert "R1 R1" in page
    assert "Acme One" not in page


def test_it_asks_few_queries_however_many_stores(five: list[Client], hq_client: ChainClient) -> None:
    counts = []
    for more in (1, 20):
        for number in range(more):
            open_store(code=f"N{more}-{number}", name="N", city="X", city_tier="一线", region="E")
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert hq_client.get("/follow-up/?sort=-overdue").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] < 25
