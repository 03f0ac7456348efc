"""A service gets another category while visits with it are recorded, over real connections."""

import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event

from django.db import transaction

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.plain import plain_sums
from tests.core.reporting.test_counting_properties import kept_sums
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user

# Seconds by which the file would have come in, if it did not wait.
LONG_ENOUGH = 1


def test_a_visit_that_is_being_recorded_is_waited_for(committed_chain: Chain, tmp_path: Path) -> None:
    """Its facts have the category of before, and nobody who does not wait sees that it is there."""
    store = open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    owner = make_user("owner@acme.test", role=User.Role.OWNER)
    category = ServiceCategory.objects.create(name="before")
    line = NewLine(amount=Decimal(5), service=Service.objects.create(code="cut", name="Cut", category=category))
    client = Client.objects.create(ref="1")
    path = tmp_path / "services.csv"
    path.write_text("service_code,name,category\ncut,Cut,after\n", encoding="utf-8")
    recorded = Event()

    def record() -> None:
        with transaction.atomic():
            record_visit(acting_user=owner, store=store, client=client, day=date(2025, 3, 1), lines=[line])
            recorded.set()
            time.sleep(LONG_ENOUGH)

    def recategorise() -> None:
        assert recorded.wait(30)
        import_file(kind="services", source=path, options=ImportOptions())

    at_once(record, recategorise, chain=committed_chain)
    assert kept_sums() == plain_sums()
    assert {name for _client, name, *_place in kept_sums()} == {None, "after"}
