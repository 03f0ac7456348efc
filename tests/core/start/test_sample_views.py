"""The guided start on an empty chain's overview, and the buttons of the sample."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from core.accounts.models import User
from core.shared.locks import jobs_lock
from core.start.progress import SampleWork, begin, sample_lock, sample_work, tell
from core.start.services.sample import has_sample
from core.start.services.sample_files import write_sample_files
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.locks import locked
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of

LOAD, REMOVE, PROGRESS = "/sample/", "/sample/remove/", "/sample/progress/"


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
    assert sample_work() is None


@pytest.mark.parametrize("path", [LOAD, REMOVE])
def test_the_button_gives_the_work_to_the_background_once(owner_client: ChainClient, path: str) -> None:
    name = "load_sample" if path == LOAD else "remove_sample"
    with patch(f"core.start.tasks.{name}.apply_async") as sent:
        assert owner_client.post(path).headers["Location"] == "/repurchase/"
        assert owner_client.post(path).headers["Location"] == "/repurchase/"
    assert sent.call_count == 1
    assert 'id="sample-progress"' in owner_client.get("/repurchase/").content.decode()
    with locked(sample_lock()):
        tell(SampleWork(removing=path == REMOVE, running=True, done=2, total=7))
        assert "2 of 7 files" in text_of(owner_client.get(PROGRESS))


def test_work_whose_worker_was_killed_is_interrupted_at_once_and_can_be_asked_for_again(
    owner_client: ChainClient,
) -> None:
    tell(SampleWork(removing=False, running=True, done=2, total=7))
    assert owner_client.get(PROGRESS).headers["HX-Refresh"] == "true"
    said = text_of(owner_client.get("/repurchase/"))
    assert "The work on the sample was interrupted." in said
    assert "Put sample data in" in said
    with patch("core.start.tasks.load_sample.apply_async") as send:
        owner_client.post(LOAD)
    assert send.call_count == 1


def test_a_lost_message_is_sent_again_by_the_page_that_waits(owner_client: ChainClient) -> None:
    owner = User.objects.get(email="owner@acme.test")
    tell(SampleWork(removing=True, user_id=owner.pk, since=timezone.now() - timedelta(minutes=2)))
    assert owner_client.get(PROGRESS).headers["HX-Refresh"] == "true"
    assert sample_work() is None


def test_it_waits_behind_other_work_of_the_chain(owner_client: ChainClient) -> None:
    with locked(jobs_lock()), patch("core.start.tasks.remove_sample.apply_async") as send:
        owner_client.post(REMOVE)
        assert sample_work() is not None
    assert send.call_count == 0


def test_when_the_work_is_done_the_page_is_loaded_anew(owner_client: ChainClient) -> None:
    assert owner_client.get(PROGRESS).headers["HX-Refresh"] == "true"


def test_what_went_wrong_stands_on_the_page_and_can_be_tried_again(owner_client: ChainClient) -> None:
    tell(SampleWork(removing=False, problem="It rained."))
    said = text_of(owner_client.get("/repurchase/"))
    assert "It rained." in said
    assert "Put sample data in" in said
    assert begin(removing=False, user_id=1)


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_the_page_says_so_and_nothing_has_begun(
    owner_client: ChainClient, servers: Servers, outage: str
) -> None:
    servers.fail("queue", outage)
    assert owner_client.post(LOAD).status_code == 503
    servers.come_back(outage)
    assert sample_work() is None
    assert owner_client.post(LOAD).status_code == 302
    assert servers.sent() == 1


def test_in_by_the_task_and_out_again(owner_client: ChainClient) -> None:
    """Files are read in this very transaction, so one kind is enough here; `test_sample` does them all."""
    files = patch("core.start.services.sample.write_sample_files", side_effect=_stores_alone)
    with files:
        owner_client.post(LOAD)
    assert has_sample()
    assert sample_work() is None
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
    assert manager_client.get(PROGRESS).status_code == 403
    with patch("core.start.tasks.load_sample.apply_async"):
        other_client.post(LOAD)
    assert sample_work() is None  # of this chain


def test_wrong_methods(owner_client: ChainClient) -> None:
    assert owner_client.get(LOAD).status_code == 405
    assert owner_client.get(REMOVE).status_code == 405
    assert owner_client.post(PROGRESS).status_code == 405
