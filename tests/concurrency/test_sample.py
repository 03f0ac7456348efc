"""A visit recorded while the sample is taken out, over real connections: it never points to what is gone."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event

import psycopg
import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.shared.errors import AppError
from core.start.services.sample import remove_sample
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins import server
from tests.plugins.chains import make_user

DAY = date(2025, 3, 4)


@pytest.fixture
def owner(committed_chain: Chain) -> User:
    """Of a chain with a store of its own, and a sample of one of everything."""
    for code in ("OWN", "SAMPLE-1"):
        open_store(code=code, name=code, city="上海", city_tier="一线", region="华东")
    category = ServiceCategory.objects.create(name="Sample")
    Service.objects.create(code="SAMPLE-F", name="Facial", category=category)
    Client.objects.create(ref="SAMPLE-0001")
    return make_user("owner@acme.test", role=User.Role.OWNER)


def recorded(owner: User, at: str, *, anonymous: bool = False) -> Callable[[], object]:
    """As a page does it: what the visit names was looked up a moment earlier."""
    store = Store.objects.get(code=at)
    client = None if anonymous else Client.objects.get(ref="SAMPLE-0001")
    line = NewLine(amount=Decimal(80), service=Service.objects.select_related("category").get(code="SAMPLE-F"))
    return lambda: record_visit(acting_user=owner, store=store, client=client, day=DAY, lines=[line])


def one_after_the_other(chain: Chain, first: Callable[[], object], second: Callable[[], object]) -> Future[object]:
    """The second begins when the first has done all but commit, and is seen to wait for it."""
    done, go_on = Event(), Event()

    def run(action: Callable[[], object], *, held: bool) -> object:
        try:
            with tenant_context(chain), transaction.atomic():
                result = action()
                if held:
                    done.set()
                    assert go_on.wait(30)
                return result
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(run, first, held=True)
        assert done.wait(30)
        two = pool.submit(run, second, held=False)
        wait_for_a_wait(two)
        go_on.set()
        one.result(60)
    return two


def wait_for_a_wait(other: Future[object]) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as session:
        for _ in range(600):
            row = session.execute(waiting).fetchone()
            if (row and row[0]) or other.done():
                return
            session.execute("SELECT pg_sleep(0.05)")


def dangling() -> int:
    """Visits and lines that point to nothing."""
    stores, clients, services = (set(m.objects.values_list("pk", flat=True)) for m in (Store, Client, Service))
    visits = (
        Visit.objects.exclude(store__in=stores).count()
        + Visit.objects.exclude(client=None).exclude(client__in=clients).count()
    )
    return visits + VisitLine.objects.exclude(service__in=services).count()


@pytest.mark.parametrize("at", ["OWN", "SAMPLE-1"])
@pytest.mark.parametrize("anonymous", [False, True])
def test_a_visit_that_is_being_recorded_is_waited_for_and_keeps_what_it_names(
    committed_chain: Chain, owner: User, at: str, anonymous: bool
) -> None:
    record = recorded(owner, at, anonymous=anonymous)
    kept = one_after_the_other(committed_chain, record, lambda: remove_sample(acting_user=owner))
    assert kept.result() == (["SAMPLE-1"] if at == "SAMPLE-1" else [])
    assert (Visit.objects.count(), dangling()) == (1, 0)


@pytest.mark.parametrize("at", ["OWN", "SAMPLE-1"])
def test_a_visit_that_comes_too_late_is_refused(committed_chain: Chain, owner: User, at: str) -> None:
    late = one_after_the_other(committed_chain, lambda: remove_sample(acting_user=owner), recorded(owner, at))
    with pytest.raises(AppError, match="removed in the meantime"):
        late.result()
    assert (Visit.objects.count(), VisitLine.objects.count()) == (0, 0)
