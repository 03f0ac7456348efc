"""An import is taken back while people work, over real connections."""

from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.db import transaction

from core.accounts.models import User
from core.catalogue.models import Service
from core.clients.models import Client
from core.imports.models import ImportRun
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.undo.undoing import undo_import
from core.reporting.facts.refresh import refresh_all
from core.reporting.models import ClientFacts
from core.stores.services.stores import open_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tenants.models import Chain
from tests.concurrency.test_imports import file_of
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user


def facts() -> list[tuple[object, ...]]:
    return list(ClientFacts.objects.order_by("client_id").values_list("client_id", "facts"))


def test_what_people_do_meanwhile_stays_whole(committed_chain: Chain, tmp_path: Path) -> None:
    store = open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    run = ImportRun.objects.create(kind="visits", file_name="file.csv", dry_run=False, status="done")
    path = file_of(tmp_path, "file.csv", range(300))
    import_file(kind="visits", source=path, options=ImportOptions(create_missing=True), run=run)
    owner = make_user("owner@acme.test", role=User.Role.OWNER)
    cut = Service.objects.get()
    line = NewLine(amount=Decimal(5), service=cut)
    first, second, *_rest, last = Client.objects.order_by("pk")
    voided = Visit.objects.filter(client__in=[second, last]).order_by("pk")
    deeds = [
        partial(undo_import, run.pk, acting_user=None),
        *(
            partial(record_visit, acting_user=owner, store=store, client=client, day=date(2025, 3, 5), lines=[line])
            for client in (first, last)
        ),
        *(partial(void_visit, acting_user=owner, visit_id=visit.pk) for visit in voided),
    ]
    undone, *others = at_once(*deeds, chain=committed_chain)
    assert isinstance(undone, ImportRun)
    assert all(isinstance(other, Visit) or other in {"removed", "unknown_visit"} for other in others)
    named = set(Visit.objects.values_list("client", flat=True))
    assert named <= set(Client.objects.values_list("pk", flat=True))
    assert set(VisitLine.objects.values_list("service", flat=True)) <= set(Service.objects.values_list("pk", flat=True))
    kept = sum(isinstance(other, Visit) for other in others)
    assert Visit.objects.count() == kept
    told = facts()
    with transaction.atomic():
        refresh_all()
    assert facts() == told
