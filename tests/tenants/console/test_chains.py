"""The list of chains, the page of one, and what is done there."""

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.jobs.models import Job
from core.stores.models import Store
from tenants.console.chain_figures import save_migration_problem, update_figures, update_schema_versions
from tenants.console.models import ChainFigures, OpenWork, OperatorAction
from tenants.models import Chain, Domain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.console import page_of
from tests.plugins.jobs import put


def fresh(chain: Chain) -> Chain:
    with outside_chains():
        return Chain.objects.get(pk=chain.pk)


def trail() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "actor"))


def noted() -> list[str]:
    with outside_chains():
        return list(OperatorAction.objects.exclude(what__startswith="Signed").values_list("what", flat=True))


def test_the_list_shows_what_was_taken(console_client: ChainClient, chain: Chain, hq_user: User, store: Store) -> None:
    Client.objects.bulk_create(Client(ref=f"C{number}", store=store) for number in range(1234))
    hq = signed_in(hq_user, host="acme.localhost")
    hq.get("/clients/")
    update_figures()
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(allowance={"plan": "solo"})
        update_schema_versions()
        figures = ChainFigures.objects.get(chain=chain)
    assert (figures.users, figures.clients, figures.visits, figures.migrations_missing) == (1, 1234, 0, 0)
    assert figures.size is not None
    assert figures.size > 1_000_000
    assert figures.last_active_at is not None
    said = console_client.get("/tenants/chain/?q=acme").content.decode()
    for text in ("Acme Beauty", "acme.localhost", "1,234", "current", "fine", "Solo"):
        assert text in said
    assert "other.localhost" not in said


def test_what_operators_do_is_no_activity(chain: Chain, hq_user: User) -> None:
    AuditEntry.objects.create(user_id=hq_user.pk, actor="operator ops@platform.test", action="visit.recorded")
    update_figures()
    with outside_chains():
        assert ChainFigures.objects.get(chain=chain).last_active_at is None


def test_health_in_words(console_client: ChainClient, chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        ChainFigures.objects.create(chain=chain, migrations_missing=2, migration_problem="boom")
        OpenWork.objects.create(kind="mail", chain=chain, reference="1", status="failed", since="2026-01-01T00:00Z")
        Chain.objects.filter(pk=chain.pk).update(read_only_since="2026-01-01T00:00Z", erase_at="2099-01-02T00:00Z")
    for state in ("suspended", "erasure", "behind", "failed"):
        said = console_client.get(f"/tenants/chain/?state={state}").content.decode()
        assert "acme.localhost" in said
        assert "other.localhost" not in said
    for text in ("suspended", "to be erased on 2 Jan 2099", "tables behind", "2 behind", "failed: Mail of a chain"):
        assert text in said


def test_a_page_of_many_chains_asks_no_more(console_client: ChainClient, chain: Chain) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert console_client.get("/tenants/chain/").status_code == 200
        return len(asked)

    few = queries()
    with outside_chains():
        made = Chain.objects.bulk_create(Chain(schema_name=f"many{number}", name="Many") for number in range(40))
        Domain.objects.bulk_create(Domain(domain=f"{one.schema_name}.localhost", tenant=one) for one in made)
        ChainFigures.objects.bulk_create(ChainFigures(chain=one, size=1) for one in made)
    assert queries() == few
    assert few <= 8


def test_the_page_of_a_chain_asks_little(console_client: ChainClient, chain: Chain) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert console_client.get(page_of(chain)).status_code == 200
    assert len(asked) <= 10


def test_there_is_no_such_chain(console_client: ChainClient) -> None:
    for rest in ("change", "suspension", "visit"):
        assert console_client.get(f"/tenants/chain/990001/{rest}/").status_code == 404


def test_no_such_action(console_client: ChainClient, chain: Chain) -> None:
    assert console_client.get(page_of(chain, "drop-everything")).status_code == 404


@pytest.mark.parametrize("action", ["suspension", "address", "export", "erasure", "visit"])
def test_a_page_that_is_read_does_nothing(console_client: ChainClient, chain: Chain, action: str) -> None:
    before = Chain.objects.filter(pk=chain.pk)
    with outside_chains():
        values = before.values().get()
    assert console_client.get(page_of(chain, action)).status_code == 200
    for method in ("put", "delete", "patch"):
        assert getattr(console_client, method)(page_of(chain, action)).status_code == 405
    with outside_chains():
        assert before.values().get() == values
    assert not trail()
    assert not noted()


def test_suspend_and_resume(console_client: ChainClient, chain: Chain) -> None:
    assert console_client.post(page_of(chain, "suspension"), {"reason": ""}).status_code == 400
    assert not fresh(chain).is_suspended
    response = console_client.post(page_of(chain, "suspension"), {"reason": "Bill 17 is open"})
    assert response.headers["Location"] == page_of(chain)
    assert fresh(chain).read_only_reason == "Bill 17 is open"
    assert console_client.post(page_of(chain, "suspension"), {"reason": "again"}).status_code == 400
    assert console_client.post(page_of(chain, "resumption")).status_code == 302
    assert not fresh(chain).is_suspended
    assert trail() == [
        ("chain.suspended", "operator ops@platform.test"),
        ("chain.resumed", "operator ops@platform.test"),
    ]
    assert noted() == ["Resumption", "Suspension"]


def test_a_new_address(console_client: ChainClient, chain: Chain, other_chain: Chain) -> None:
    taken = console_client.post(page_of(chain, "address"), {"address": "other"})
    assert taken.status_code == 400
    assert "taken" in taken.content.decode()
    reserved = console_client.post(page_of(chain, "address"), {"address": "console"})
    assert "reserved" in reserved.content.decode()
    assert not noted()
    assert console_client.post(page_of(chain, "address"), {"address": "acme-east"}).status_code == 302
    with outside_chains():
        assert chain.get_primary_domain().domain == "acme-east.localhost"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.after) == ("operator ops@platform.test", {"address": "acme-east.localhost"})


def test_erase_and_take_back(console_client: ChainClient, chain: Chain) -> None:
    owner = make_user("owner@acme.test", role=User.Role.OWNER)
    wrong = console_client.post(page_of(chain, "erasure"), {"name": "Acme"})
    assert wrong.status_code == 400
    assert fresh(chain).erase_at is None
    assert console_client.post(page_of(chain, "erasure"), {"name": chain.name}).status_code == 302
    assert fresh(chain).erase_at is not None
    (letter,) = mail.outbox
    assert letter.to == [owner.email]
    assert "ops@platform.test" in letter.body
    assert console_client.post(page_of(chain, "erasure-withdrawal")).status_code == 302
    assert fresh(chain).erase_at is None
    assert [action for action, _actor in trail()] == ["chain.erasure_asked", "chain.erasure_withdrawn"]


def test_export_and_fetch(
    console_client: ChainClient,
    chain: Chain,
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.EXPORT_ROOT, settings.MEDIA_ROOT = tmp_path / "exports", tmp_path / "files"
    assert console_client.post(page_of(chain, "export")).status_code == 302
    assert console_client.post(page_of(chain, "export")).status_code == 400
    export = Job.objects.get()
    assert export.asked_by == "operator ops@platform.test"
    put(export, state="done", result={"size": 4}, finished_at=timezone.now())
    place = tmp_path / "exports" / "acme" / f"{export.pk}.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"made")
    response: Any = console_client.get(page_of(chain, "exports", export.pk))
    assert b"".join(response.streaming_content) == b"made"
    assert [action for action, _actor in trail()] == ["chain.export_asked", "export"]
    assert noted()[0] == "Export downloaded"


def test_an_export_of_another_chain_is_not_there(console_client: ChainClient, chain: Chain, other_chain: Chain) -> None:
    with tenant_context(other_chain):
        export = Job.objects.create(kind="export", state="done", asked_by="x")
    assert console_client.get(page_of(chain, "exports", export.pk)).status_code == 404
    assert not noted()


def test_a_migration_that_failed_is_kept_until_it_went_well(chain: Chain) -> None:
    with outside_chains():
        save_migration_problem("acme", "ProgrammingError: no")
        ChainFigures.objects.update(migrations_missing=1)
        update_schema_versions()
        figures = ChainFigures.objects.get(chain=chain)
    assert (figures.migrations_missing, figures.migration_problem) == (0, "")


def test_an_action_leaves_nothing_where_it_is_refused_late(console_client: ChainClient, chain: Chain) -> None:
    """The log and the trail are written with what was done, or not at all."""
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(erase_at="2099-01-01T00:00Z")
    assert console_client.post(page_of(chain, "erasure"), {"name": chain.name}).status_code == 400
    assert not noted()
    with tenant_context(chain):
        assert not trail()
