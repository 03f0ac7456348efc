"""A file that names what only another chain has: there it is unknown, and the other chain is never touched."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.clients.models import Client
from core.imports.services.results import ImportResult
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain

Bring = Callable[..., ImportResult]
PLACE = {"city": "上海", "city_tier": "一线", "region": "华东"}
VISITS = "client_ref,started_at,amount,store_code,visit_ref\nC-7,2025-03-04,80,S1,R1\n"


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Store, Client, Visit, VisitLine)]


@pytest.fixture
def untouched(hq_user: User) -> Iterator[None]:
    """The chain has the client and the visit, before and after."""
    store = open_store(code="S1", name="One", **PLACE)
    client = Client.objects.create(ref="C-7", name="王芳")
    lines = [NewLine(amount=Decimal(80))]
    record_visit(acting_user=hq_user, store=store, client=client, day=date(2025, 3, 4), ref="R1", lines=lines)
    before = everything()
    yield
    assert everything() == before


@pytest.fixture
def elsewhere(untouched: None, other_chain: Chain) -> Iterator[None]:
    """The test works in another chain, with a store of the same code."""
    with tenant_context(other_chain):
        open_store(code="S1", name="Another", **PLACE)
        yield


@pytest.mark.usefixtures("elsewhere")
def test_anothers_client_is_unknown(refusal: Callable[..., list[str]]) -> None:
    assert refusal("visits", VISITS) == ["line 2, client_ref: There is no client “C-7”."]
    assert not Client.objects.exists()
    assert not Visit.objects.exists()


@pytest.mark.usefixtures("elsewhere")
def test_anothers_client_is_made_anew(bring: Bring) -> None:
    assert bring("visits", VISITS.replace("2025-03-04,80", "2025-03-05,90"), create_missing=True).created == 1
    client = Client.objects.get()
    assert (client.ref, client.name) == ("C-7", "")
    visit = Visit.objects.get()
    assert (visit.client, visit.day, visit.store.name) == (client, date(2025, 3, 5), "Another")


@pytest.mark.usefixtures("elsewhere")
def test_anothers_visit_is_not_the_known_one(bring: Bring) -> None:
    """The same receipt of the same client at a store of the same code."""
    Client.objects.create(ref="C-7", name="李娜")
    assert bring("visits", VISITS).created == 1
    assert Client.objects.get().name == "李娜"
