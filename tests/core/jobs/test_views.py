"""The page of background work: who sees what of it, and what its buttons do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.jobs.models import Job
from core.jobs.queue import add_job
from tenants.life.declaration import MANAGE_CHAIN
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.jobs import at_work, put
from tests.plugins.salons import text_of

Declare = Callable[..., str]
SEEN = ("GET", "/jobs/{}/progress/"), ("POST", "/jobs/{}/retry/"), ("POST", "/jobs/{}/cancellation/")


@pytest.fixture
def job(declare: Declare, hq_user: User, no_worker: pytest.MonkeyPatch) -> Job:
    User.objects.update(language="en")
    kind = declare(lambda _work: None, about=lambda job: str(job.arguments["file"]), url=lambda _job: "/imports/")
    return add_job(kind, arguments={"file": "receipts.csv"}, user=hq_user)


def ask(client: ChainClient, method: str, path: str, job: Job) -> Any:
    return getattr(client, method.lower())(path.format(job.pk), headers={"host": "acme.localhost"})


def test_the_list_says_what_was_asked_by_whom_and_how_far_it_is(hq_client: ChainClient, job: Job) -> None:
    page = hq_client.get("/jobs/")
    assert "Test work receipts.csv hq@acme.test" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    with at_work(job):
        put(job, progress={"phase": "", "done": 1, "total": 4, "seconds": 30})
        assert "running 25% · about 2 min left" in text_of(hq_client.get("/jobs/"))
    put(job, state="failed", error="It rained.")
    page = hq_client.get("/jobs/")
    assert "failed It rained. Start again" in text_of(page)
    assert 'hx-trigger="every 2s"' not in page.content.decode()


def test_the_list_takes_no_more_queries_for_more_jobs(
    hq_client: ChainClient, job: Job, django_assert_max_num_queries: Any
) -> None:
    for _more in range(10):
        Job.objects.create(kind="test", arguments={"file": "x"})
    with django_assert_max_num_queries(12):
        hq_client.get("/jobs/")


def test_an_empty_list(hq_client: ChainClient) -> None:
    assert hq_client.get("/jobs/").status_code == 200


def test_started_again_and_cancelled_by_buttons(hq_client: ChainClient, job: Job) -> None:
    assert hq_client.post(f"/jobs/{job.pk}/cancellation/").headers["Location"] == "/jobs/"
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert hq_client.post(f"/jobs/{job.pk}/cancellation/").status_code == 409
    assert hq_client.post(f"/jobs/{job.pk}/retry/").headers["Location"] == "/jobs/"
    job.refresh_from_db()
    assert job.state == "waiting"


def test_each_sees_the_kinds_of_the_own_right(hq_client: ChainClient, declare: Declare, job: Job) -> None:
    owners = add_job(declare(lambda _work: None, name="owners", right=MANAGE_CHAIN, label="Secret"), user=job.user)
    platforms = add_job(declare(lambda _work: None, name="platforms", right=None, label="Upkeep"), user=job.user)
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    assert "Secret" not in text_of(hq_client.get("/jobs/"))
    assert "Upkeep" not in text_of(owner.get("/jobs/"))
    for method, path in SEEN:
        assert ask(hq_client, method, path, owners).status_code == 404
        assert ask(owner, method, path, platforms).status_code == 404
    assert ask(owner, *SEEN[0], owners).status_code == 200
    owners.refresh_from_db()
    assert owners.state == "waiting"


def test_others_see_nothing(
    manager_client: ChainClient, anonymous_client: ChainClient, other_client: ChainClient, other_chain: Chain, job: Job
) -> None:
    assert manager_client.get("/jobs/").status_code == 403
    for method, path in SEEN:
        assert ask(manager_client, method, path, job).status_code == 403
        assert ask(anonymous_client, method, path, job).status_code == 302
        own = getattr(other_client, method.lower())(path.format(job.pk))
        assert own.status_code == 404
    with tenant_context(other_chain):
        assert not Job.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.cancel_asked) == ("waiting", False)


def test_wrong_methods(hq_client: ChainClient, job: Job) -> None:
    for method, path in SEEN:
        assert ask(hq_client, "POST" if method == "GET" else "GET", path, job).status_code == 405
    assert hq_client.post("/jobs/").status_code == 405


def test_a_kind_that_is_gone_is_not_listed(hq_client: ChainClient, job: Job) -> None:
    Job.objects.create(kind="of a release before", queued_at=timezone.now() - timedelta(days=1))
    assert "of a release before" not in text_of(hq_client.get("/jobs/"))
