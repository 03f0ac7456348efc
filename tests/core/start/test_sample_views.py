"""The guided start on an empty chain's overview, and the buttons of the sample."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from core.accounts.models import User
from core.jobs.models import Job
from core.jobs.tasks import send_next, send_waiting
from core.shared.errors import AppError
from core.shared.locks import jobs_lock
from core.start.jobs import LOAD as LOAD_KIND
from core.start.jobs import REMOVE as REMOVE_KIND
from core.start.services.sample import has_sample
from core.start.services.sample_files import write_sample_files
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.jobs import at_work, last_job, put
from tests.plugins.locks import locked
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of

LOAD, REMOVE = "/sample/", "/sample/remove/"


@pytest.fixture
def owner_client(chain: Chain) -> ChainClient:
    owner = make_user("owner@acme.test", role=User.Role.OWNER)
    User.objects.update(language="en")
    return signed_in(owner, host="acme.localhost")


def test_an_empty_chain_begins_with_its_steps(owner_client: ChainClient) -> None:
    said = text_of(owner_client.get("/repurchase/"))
    assert "Bring in your stores" in said
    assert "Bring in your visits" in said
    assert "Put sample data in" in said
    assert "Bring in your stores done" not in said


def test_a_step_that_is_done_says_so_and_then_no_sample_is_offered(owner_client: ChainClient, store: Store) -> None:
    said = text_of(owner_client.get("/repurchase/"))
    assert "Bring in your stores done" in said
    assert "Put sample data in" not in said
    refused = owner_client.post(LOAD)
    assert refused.status_code == 409
    assert not Job.objects.exists()


@pytest.mark.parametrize("path", [LOAD, REMOVE])
def test_the_button_gives_the_work_to_the_background_once(
    owner_client: ChainClient, no_worker: pytest.MonkeyPatch, path: str
) -> None:
    assert owner_client.post(path).headers["Location"] == "/repurchase/"
    assert owner_client.post(path).headers["Location"] == "/repurchase/"
    job = Job.objects.get()
    assert job.kind == (LOAD_KIND if path == LOAD else REMOVE_KIND)
    assert f"/jobs/{job.pk}/progress/" in owner_client.get("/repurchase/").content.decode()
    with at_work(job):
        put(job, progress={"phase": "", "done": 2, "total": 7, "seconds": 0})
        assert "2 of 7 files" in text_of(owner_client.get(f"/jobs/{job.pk}/progress/"))


def test_work_whose_worker_was_killed_is_taken_up_by_itself(
    owner_client: ChainClient, no_worker: pytest.MonkeyPatch
) -> None:
    owner_client.post(REMOVE)
    job = last_job()
    put(job, state="running", attempts=1)
    assert "The work was interrupted. It begins again by itself" in text_of(owner_client.get("/repurchase/"))
    no_worker.undo()
    send_waiting.delay()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_it_waits_behind_other_work_of_the_chain(owner_client: ChainClient) -> None:
    with locked(jobs_lock()):
        owner_client.post(REMOVE)
        assert last_job().state == "waiting"
    send_waiting.delay()
    assert last_job().state == "done"


def test_what_went_wrong_stands_on_the_page_and_can_be_tried_again(owner_client: ChainClient) -> None:
    with patch("core.start.services.sample.load_sample", side_effect=AppError("rain", "It rained.")):
        owner_client.post(LOAD)
    said = text_of(owner_client.get("/repurchase/"))
    assert "It rained." in said
    assert "Put sample data in" in said
    with patch("core.start.services.sample.load_sample"):
        owner_client.post(LOAD)
    assert "It rained." not in text_of(owner_client.get("/repurchase/"))


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_it_waits_and_begins_by_itself(
    owner_client: ChainClient, servers: Servers, outage: str
) -> None:
    servers.fail("queue", outage)
    assert owner_client.post(LOAD).status_code == 302
    assert "Waiting for its turn" in text_of(owner_client.get("/repurchase/"))
    servers.come_back(outage)
    send_next()
    assert servers.sent() == 1


def test_in_by_the_task_and_out_again(owner_client: ChainClient) -> None:
    """Files are read in this very transaction, so one kind is enough here; `test_sample` does them all."""
    files = patch("core.start.services.sample.write_sample_files", side_effect=_stores_alone)
    with files:
        owner_client.post(LOAD)
    assert has_sample()
    assert last_job().state == "done"
    owner_client.post(REMOVE)
    assert not has_sample()


def _stores_alone(**options: Any) -> object:
    return write_sample_files(**options)[:1]


def test_the_page_names_the_stores_that_stay(owner_client: ChainClient) -> None:
    store = open_store(code="SAMPLE-1", name="Yorkville & Co", city="上海", city_tier="一线", region="华东")
    owner = User.objects.get(email="owner@acme.test")
    line = NewLine(amount=Decimal(80))
    record_visit(acting_user=owner, store=store, client=None, day=date(2025, 3, 4), lines=[line])
    owner_client.post(REMOVE)
    said = text_of(owner_client.get("/repurchase/", follow=True))
    assert "Records of yours hang on these stores of it, so they stay: Yorkville & Co." in said
    assert "Take the sample out" not in said


def test_others_may_not(manager_client: ChainClient, anonymous_client: ChainClient, other_client: ChainClient) -> None:
    for path in (LOAD, REMOVE):
        assert manager_client.post(path).status_code == 403
        assert anonymous_client.post(path).headers["Location"].startswith("/sign-in/")
    with patch("core.start.services.sample.load_sample"):
        other_client.post(LOAD)
    assert not Job.objects.exists()  # of this chain


def test_wrong_methods(owner_client: ChainClient) -> None:
    assert owner_client.get(LOAD).status_code == 405
    assert owner_client.get(REMOVE).status_code == 405
