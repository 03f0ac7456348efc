"""Stripe's events in the operators' list of jobs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Account, StripeEvent
from billing.webhooks.events import store_events
from tenants.console.models import OpenWork
from tenants.console.open_work.listing import list_platform_work
from tests.plugins.chains import ChainClient, outside_chains


@pytest.fixture
def event(account: Account) -> StripeEvent:
    """Of `acme`, that just came."""
    Account.objects.filter(pk=account.pk).update(customer_id="cus_1")
    store_events([{"id": "evt_1", "type": "x", "created": 1, "data": {"object": {"customer": "cus_1"}}}])
    return StripeEvent.objects.get()


def listed(event: StripeEvent, **fields: Any) -> list[tuple[str, str, str]]:
    StripeEvent.objects.filter(pk=event.pk).update(**fields)
    list_platform_work()
    return list(OpenWork.objects.values_list("reference", "status", "problem"))


def test_what_waits_and_what_failed(event: StripeEvent, account: Account) -> None:
    assert listed(event) == []
    past = timezone.now() - timedelta(hours=1)
    assert listed(event, next_attempt_at=past) == [("evt_1", "waiting", "")]
    later = timezone.now() + timedelta(hours=1)
    problem = "Stripe: APIConnectionError"
    assert listed(event, next_attempt_at=later, problem=problem) == [("evt_1", "failed", problem)]
    assert OpenWork.objects.get().chain == account.chain
    assert listed(event, handled_at=timezone.now(), problem="") == []


def test_started_again(event: StripeEvent, console_client: ChainClient) -> None:
    later = timezone.now() + timedelta(hours=6)
    listed(event, next_attempt_at=later, problem="Stripe: APIConnectionError", attempts=9)
    job = OpenWork.objects.get()
    assert console_client.post(f"/console/openwork/{job.pk}/retry/").status_code == 302
    with outside_chains():
        event.refresh_from_db()
        assert (event.problem, event.attempts) == ("", 0)
        assert event.next_attempt_at <= timezone.now()
        assert not OpenWork.objects.exists()


def test_one_that_was_handled_meanwhile_stays_so(event: StripeEvent, console_client: ChainClient) -> None:
    listed(event, problem="Stripe: APIConnectionError")
    job, handled = OpenWork.objects.get(), timezone.now()
    StripeEvent.objects.update(handled_at=handled)
    assert console_client.post(f"/console/openwork/{job.pk}/retry/").status_code == 302
    with outside_chains():
        assert StripeEvent.objects.get().handled_at == handled
