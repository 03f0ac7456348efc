"""A store whose clients stay away in known ways, seen on a day in June."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

TODAY = date(2025, 6, 30)
# Records visits of a client so many days before TODAY.
Come = Callable[..., Client]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    monkeypatch.setattr("core.followup.views.lists.chain_today", lambda: TODAY)
    for module in ("services.contacts", "views.lists", "views.contacts"):
        monkeypatch.setattr(f"core.followup.{module}.local_today", lambda _store: TODAY)
    return TODAY


@pytest.fixture
def service(chain: Any) -> Service:
    category = ServiceCategory.objects.create(name="Face")
    return Service.objects.create(code="F1", name="Facial", category=category)


@pytest.fixture
def come(store: Store, hq_user: User, service: Service, today: date) -> Come:
    store.complete_through = today
    store.save()

    def come(ref: str, *days: int, amount: int = 100, at: Store = store, by: StaffMember | None = None) -> Client:
        client, _made = Client.objects.get_or_create(
            ref=ref, defaults={"name": f"Client {ref}", "phone": f"1380000{ref.zfill(4)}"}
        )
        for ago in days:
            lines = [NewLine(service=service, amount=Decimal(amount), staff=by)]
            record_visit(acting_user=hq_user, store=at, client=client, day=today - timedelta(days=ago), lines=lines)
        return client

    return come


@pytest.fixture
def five(come: Come) -> list[Client]:
    """Every thirty days; overdue by 1 to 5 days."""
    return [come(str(n), 90 + n, 60 + n, 30 + n) for n in range(1, 6)]
