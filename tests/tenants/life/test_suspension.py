"""Suspended, a chain is read and exported; it is not changed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports.models import ImportRun
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.life.suspension import resume_chain, suspend_chain
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains, signed_in
from tests.plugins.imports import Importer
from tests.plugins.salons import text_of


@pytest.fixture
def suspended(chain: Chain) -> Chain:
    with outside_chains():
        suspend_chain(chain, reason="The invoice of May is open.", operator="wang")
    return chain


def test_it_is_read_with_a_notice_that_says_why(suspended: Chain, hq_client: ChainClient) -> None:
    User.objects.update(language="en")
    for path in ("/stores/", "/clients/", "/imports/"):
        response = hq_client.get(path)
        assert response.status_code == 200
        assert "This chain is suspended" in text_of(response)
        assert "The invoice of May is open." in text_of(response)


def test_people_sign_in_and_out(suspended: Chain, anonymous_client: ChainClient, hq_user: User) -> None:
    cache.clear()
    response = anonymous_client.post("/sign-in/", {"username": "hq@acme.test", "password": PASSWORD})
    assert response.headers["Location"] == "/"
    assert anonymous_client.post("/sign-out/").status_code == 302


def test_forms_are_refused(importer: Importer, receipts: ImportRun, chain: Chain) -> None:
    with outside_chains():
        suspend_chain(chain, reason="")
    for path in ("/imports/new/", f"/imports/{receipts.pk}/", f"/imports/{receipts.pk}/import/"):
        response = importer.client.post(path, {"kind": "visits"})
        assert response.status_code == 403
        assert "The chain is suspended" in text_of(response)
    assert ImportRun.objects.count() == 1
    receipts.refresh_from_db()
    assert receipts.status == "uploaded"


def test_strangers_are_told_nothing(suspended: Chain, anonymous_client: ChainClient) -> None:
    assert anonymous_client.post("/imports/new/").status_code == 302


def test_services_refuse_what_comes_another_way(
    suspended: Chain, manager_user: User, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(AppError) as visit:
        record_visit(
            acting_user=manager_user,
            store=store,
            client=None,
            day=date(2025, 1, 2),
            lines=[NewLine(amount=Decimal(1))],
        )
    (tmp_path / "till.csv").write_text("name\n")
    with pytest.raises(AppError) as brought:
        import_file(kind="clients", source=tmp_path / "till.csv", options=ImportOptions())
    assert {visit.value.code, brought.value.code} == {"chain_read_only"}
    assert not Visit.objects.exists()


def test_it_may_be_exported(suspended: Chain, places: Path, django_capture_on_commit_callbacks: object) -> None:
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    assert owner.post("/settings/exports/").status_code == 302
    assert owner.post("/settings/address/", {"address": "other-name"}).status_code == 403


def test_resumed_all_is_as_before(suspended: Chain, manager_user: User, store: Store) -> None:
    with outside_chains():
        resume_chain(suspended)
    record_visit(
        acting_user=manager_user, store=store, client=None, day=date(2025, 1, 2), lines=[NewLine(amount=Decimal(1))]
    )
    entries = AuditEntry.objects.order_by("pk").values_list("action", "actor", "after")
    assert list(entries)[:2] == [
        ("chain.suspended", "operator wang", {"reason": "The invoice of May is open."}),
        ("chain.resumed", "command line", None),
    ]


def test_the_commands(chain: Chain) -> None:
    with outside_chains():
        call_command("suspend_chain", "--chain", "acme", "--reason", "why")
        assert Chain.objects.get(schema_name="acme").is_read_only
        call_command("resume_chain", "--chain", "acme")
        assert not Chain.objects.get(schema_name="acme").is_read_only
