"""The page of exports: for whom may have them."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from core.audit.models import AuditEntry
from core.jobs.models import Job
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.jobs import last_job, message_for

PAGE, START = "/exports/", "/exports/start/"


@pytest.mark.usefixtures("english")
def test_headquarters_starts_one_and_fetches_it(salon: dict[str, Store], hq_client: ChainClient) -> None:
    assert "Start export" in hq_client.get(PAGE).content.decode()
    assert hq_client.post(START, {"personal": "yes"}, follow=True).status_code == 200
    job = last_job()
    message_for(job)
    assert (job.state, job.arguments) == ("done", {"personal": True}), job.error
    assert f'href="/exports/{job.pk}/"' in hq_client.get(PAGE).content.decode()
    answer = hq_client.get(f"/exports/{job.pk}/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "acme-tables-" in answer.headers["Content-Disposition"]
    # Half past eleven in Greenwich is the next day in Shanghai.
    Job.objects.filter(pk=job.pk).update(finished_at=datetime(2099, 3, 10, 23, 30, tzinfo=UTC))
    again = hq_client.get(f"/exports/{job.pk}/")
    assert "acme-tables-2099-03-11.zip" in again.headers["Content-Disposition"]
    again.close()
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_personal_data_is_never_the_default(salon: dict[str, Store], hq_client: ChainClient) -> None:
    for typed in ({}, {"personal": "no"}, {"personal": "1"}):
        hq_client.post(START, typed)
        message_for(last_job())
        assert last_job().arguments == {"personal": False}


def test_others_are_refused_and_change_nothing(
    salon: dict[str, Store], hq_client: ChainClient, manager_client: ChainClient, anonymous_client: Any
) -> None:
    hq_client.post(START)
    entries = AuditEntry.objects.count()
    for path in (PAGE, f"/exports/{last_job().pk}/"):
        assert manager_client.get(path).status_code == 403
        assert anonymous_client.get(path).status_code == 302
    assert manager_client.post(START).status_code == 403
    assert (Job.objects.count(), AuditEntry.objects.count()) == (1, entries)


def test_another_chain_finds_nothing(salon: dict[str, Store], hq_client: ChainClient, other_client: Any) -> None:
    hq_client.post(START)
    assert other_client.get(f"/exports/{last_job().pk}/").status_code == 404
    assert str(last_job().pk) not in other_client.get(PAGE).content.decode()


def test_one_that_is_not_there(hq_client: ChainClient) -> None:
    assert hq_client.get(f"/exports/{uuid.uuid4()}/").status_code == 404


def test_other_methods_are_refused(hq_client: ChainClient) -> None:
    assert hq_client.post(PAGE).status_code == hq_client.get(START).status_code == 405
    assert hq_client.post(f"/exports/{uuid.uuid4()}/").status_code == 405


def test_the_page_takes_few_queries(
    salon: dict[str, Store], hq_client: ChainClient, django_assert_max_num_queries: Any
) -> None:
    for _number in range(3):
        hq_client.post(START)
        message_for(last_job())
    hq_client.get(PAGE)
    with django_assert_max_num_queries(8):
        hq_client.get(PAGE)
