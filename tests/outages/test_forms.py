"""Every form that needs the queue or the cache, while they are dead or hang: it does what it can, says what is true,
and what it began is finished once they are back."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from celery import current_app
from django.core import mail
from django_tenants.utils import tenant_context
from pytest_django import DjangoDbBlocker, Settings

from core.accounts.models import User
from core.accounts.rights import Role
from core.jobs.tasks import send_waiting
from core.mail.models import OutgoingMail
from core.mail.tasks import deliver_mail
from core.shared import task_queue
from core.shared.tasks import CHAIN_HEADER
from core.stores.models import Store
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains, signed_in
from tests.plugins.imports import RECEIPTS, Importer, job_of_run
from tests.plugins.jobs import last_job
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of

# In the embedded set-up queue and cache are one server, and fail together.
pytestmark = pytest.mark.parametrize("outage", OUTAGES)


@pytest.fixture(autouse=True)
def mail_as_rows(settings: Settings) -> None:
    """As in production; Django's test runner would have it delivered at once."""
    settings.EMAIL_BACKEND = "core.mail.backend.OutboxBackend"


@pytest.fixture
def owner(committed_chain: Chain, tmp_path: Path, settings: Settings) -> User:
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "files", tmp_path / "exports"
    user = make_user("owner@acme.test", role=Role.OWNER)
    user.language = "en"
    user.save()
    return user


@pytest.fixture
def client(owner: User, committed_chain: Chain) -> ChainClient:
    return signed_in(owner, host=host_of(committed_chain))


@pytest.fixture
def sign_ups(committing: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is made commits, and is dropped afterwards."""
    with django_db_blocker.unblock():
        yield
        with outside_chains():
            for chain in Chain.objects.filter(schema_name="maple_in_an_outage"):
                drop_chain(chain)
        connection().close()


def host_of(chain: Chain) -> str:
    with outside_chains():
        return str(chain.get_primary_domain().domain)


def work_off(servers: Servers) -> int:
    """What waits in the queue, as a worker does it; how much it was."""
    done = 0
    for message in servers.taken():
        (args, kwargs, _), name = message.payload, message.headers["task"]
        with outside_chains():
            current_app.tasks[name].apply(args, kwargs, headers=dict(message.headers), throw=True)
        done += 1
    return done


def send_waiting_by_schedule(chain: Chain) -> None:
    send_waiting.apply(headers={CHAIN_HEADER: chain.schema_name}, throw=True)


def deliver_by_schedule(chain: Chain) -> list[str]:
    """Whom the mail is for that the schedule delivers."""
    with tenant_context(chain):
        deliver_mail.apply(headers={CHAIN_HEADER: chain.schema_name}, throw=True)
        assert not OutgoingMail.objects.exists()
    return [address for message in mail.outbox for address in message.to]


def test_a_sign_up_is_done_and_its_mail_comes(servers: Servers, sign_ups: None, outage: str) -> None:
    visitor = ChainClient(headers={"host": "localhost"})
    with outside_chains():
        servers.fail("both", outage)
        form = {
            "token": str(uuid.uuid4()),
            "name": "Maple",
            "address": "maple-in-an-outage",
            "email": "anna@maple.test",
            "password": "seven quiet herons",
            "country": "CA",
        }
        response = visitor.post("/sign-up/", form)
        assert response.status_code == 302
        # Without a ticket, which the cache would keep, one signs in by password.
        assert response.headers["Location"] == "http://maple-in-an-outage.localhost/sign-in/"
        chain = Chain.objects.get(schema_name="maple_in_an_outage")
        home = ChainClient(headers={"host": "maple-in-an-outage.localhost"})
        known = {"login": "anna@maple.test", "password": "seven quiet herons"}
        assert home.post("/sign-in/", known).status_code == 302
        assert home.get("/repurchase/").status_code == 200
        servers.come_back(outage)
        assert deliver_by_schedule(chain) == ["anna@maple.test"]


def test_an_invitation_is_kept_and_its_mail_comes(
    servers: Servers, client: ChainClient, committed_chain: Chain, outage: str
) -> None:
    servers.fail("both", outage)
    form = {"email": "new@acme.test", "name": "Na Wu", "role": "hq"}
    response = client.post("/team/invite/", form, follow=True)
    assert response.status_code == 200
    assert User.objects.filter(email="new@acme.test").exists()
    servers.come_back(outage)
    assert deliver_by_schedule(committed_chain) == ["new@acme.test"]
    link = re.search(r"http://[^/]+(/team/join/\S+)", str(mail.outbox[-1].body))
    assert link
    joining = ChainClient(headers={"host": host_of(committed_chain)})
    assert joining.get(link[1], follow=True).status_code == 200


def test_a_reset_is_kept_and_its_mail_comes(servers: Servers, owner: User, committed_chain: Chain, outage: str) -> None:
    browser = ChainClient(headers={"host": host_of(committed_chain)})
    servers.fail("both", outage)
    response = browser.post("/account/password/forgotten/", {"email": owner.email})
    assert response.status_code == 302
    servers.come_back(outage)
    assert deliver_by_schedule(committed_chain) == [owner.email]


def test_a_confirmation_is_sent_again(servers: Servers, client: ChainClient, owner: User, outage: str) -> None:
    User.objects.filter(pk=owner.pk).update(email_confirmed_at=None)
    servers.fail("both", outage)
    assert client.post("/confirm-email/again/").status_code == 302
    assert client.post("/confirm-email/again/").status_code == 429
    assert OutgoingMail.objects.count() == 1
    servers.come_back(outage)


def test_an_import_waits_and_is_done(
    servers: Servers, client: ChainClient, committed_chain: Chain, outage: str
) -> None:
    importer = Importer(client)
    Store.objects.create(code="S001", name="One").locations.create(city="上海", city_tier="一线", region="华东")
    run = importer.uploaded(RECEIPTS)
    assert work_off(servers) == 1
    run.refresh_from_db()
    servers.fail("both", outage)
    assert importer.check(run, store="S001", create_missing="on").status_code == 302
    assert "Waiting for its turn" in text_of(client.get(f"/imports/{run.pk}/"))
    assert job_of_run(run).state == "waiting"
    servers.come_back(outage)
    send_waiting_by_schedule(committed_chain)
    assert work_off(servers) == 1
    run.refresh_from_db()
    assert (run.status, run.dry_run) == ("done", True)


def test_an_export_waits_and_is_made(
    servers: Servers, client: ChainClient, committed_chain: Chain, outage: str
) -> None:
    servers.fail("both", outage)
    assert client.post("/settings/exports/").status_code == 302
    export = last_job()
    assert export.state == "waiting"
    assert client.get("/settings/").status_code == 200
    servers.come_back(outage)
    send_waiting_by_schedule(committed_chain)
    assert work_off(servers) >= 1
    export.refresh_from_db()
    assert export.state == "done"


def test_the_sample_waits_and_comes_in(
    servers: Servers, client: ChainClient, committed_chain: Chain, outage: str
) -> None:
    servers.fail("both", outage)
    assert client.post("/sample/").status_code == 302
    assert "Waiting for its turn" in text_of(client.get("/repurchase/"))
    servers.come_back(outage)
    send_waiting_by_schedule(committed_chain)
    with patch("core.start.services.sample.load_sample") as loaded:
        assert work_off(servers) == 1
    assert (loaded.call_count, last_job().state) == (1, "done")


def test_people_sign_in(servers: Servers, owner: User, committed_chain: Chain, outage: str) -> None:
    servers.fail("both", outage)
    browser = ChainClient(headers={"host": host_of(committed_chain)})
    assert browser.post("/sign-in/", {"login": owner.email, "password": PASSWORD}).status_code == 302
    assert browser.get("/clients/").status_code == 200
    assert browser.post("/sign-out/").status_code == 302
    servers.come_back(outage)


def test_many_forms_wait_for_the_queue_once(
    servers: Servers, client: ChainClient, outage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(task_queue.logger, "warning", lambda message, *_values: warnings.append(message))
    servers.fail("both", outage)
    with outside_chains():
        for number in range(20):
            form = {"email": f"new{number}@acme.test", "name": "Na Wu", "role": "hq"}
            assert client.post("/team/invite/", form).status_code == 302
    assert len(warnings) == 1
    assert "the queue does not answer" in warnings[0]
    servers.come_back(outage)
