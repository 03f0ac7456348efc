"""Webhooks as they come over HTTP: stored bodies with really computed signatures."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from billing.models import StripeEvent
from tenants.models import Chain
from tests.plugins.chains import ChainClient, outside_chains

SECRET, OLD_SECRET = "whsec_new", "whsec_old"
ADDRESS = "/billing/webhook/"


@pytest.fixture(autouse=True)
def outside(chain: Chain, settings: Settings) -> Iterator[None]:
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, OLD_SECRET]
    settings.STRIPE_SECRET_KEY = ""
    with outside_chains():
        yield


@pytest.fixture
def stripe_client() -> ChainClient:
    """Knows of no session and no token."""
    return ChainClient(enforce_csrf_checks=True, headers={"host": "localhost"})


def body(**changes: Any) -> str:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "created": int(time.time()),
        "data": {"object": {"object": "invoice", "id": "in_1", "customer": "cus_1"}},
    }
    return json.dumps({**event, **changes})


def signed(payload: str, secret: str = SECRET, *, age: int = 0) -> str:
    return stripe.WebhookSignature.generate_signature_header(payload, secret, int(time.time()) - age)


def send(client: ChainClient, payload: str, signature: str | None = None) -> Any:
    headers = {} if signature == "" else {"stripe-signature": signature or signed(payload)}
    return client.post(ADDRESS, payload, content_type="application/json", headers=headers)


def test_it_is_kept_and_answered(
    stripe_client: ChainClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    payload = body()
    with django_capture_on_commit_callbacks() as hurried:
        response = send(stripe_client, payload)
    assert (response.status_code, response.content) == (204, b"")
    assert "Set-Cookie" not in response.headers
    kept = StripeEvent.objects.get()
    assert (kept.id, kept.type, kept.customer_id, kept.handled_at) == ("evt_1", "invoice.paid", "cus_1", None)
    assert kept.payload == json.loads(payload)
    assert len(hurried) == 1


def test_it_costs_one_statement(stripe_client: ChainClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        send(stripe_client, body())
    said = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert [statement.split()[0] for statement in said if "billing_stripeevent" in statement] == ["INSERT"]
    assert len(said) == 1


def test_sent_again_it_is_kept_once(stripe_client: ChainClient) -> None:
    for _again in range(3):
        assert send(stripe_client, body()).status_code == 204
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_while_secrets_change_both_count(stripe_client: ChainClient, secret: str) -> None:
    payload = body()
    assert send(stripe_client, payload, signed(payload, secret)).status_code == 204


def test_signed_by_two_secrets_as_stripe_does_while_they_roll(stripe_client: ChainClient) -> None:
    payload = body()
    moment, ours = signed(payload).split(",")
    assert send(stripe_client, payload, f"{moment},v1={'0' * 64},{ours}").status_code == 204


@pytest.mark.parametrize(
    "event_type", ["some.future.event", "customer.created", "price.updated", "charge.dispute.created"]
)
def test_what_we_do_not_know_is_kept_too(stripe_client: ChainClient, event_type: str) -> None:
    payload = body(type=event_type, data={"object": {"object": "thing", "id": "x"}})
    assert send(stripe_client, payload).status_code == 204
    assert StripeEvent.objects.get().customer_id == ""


def test_the_customer_of_a_customer_event(stripe_client: ChainClient) -> None:
    send(stripe_client, body(type="customer.deleted", data={"object": {"object": "customer", "id": "cus_9"}}))
    assert StripeEvent.objects.get().customer_id == "cus_9"


def refused(client: ChainClient, payload: str, signature: str) -> None:
    response = send(client, payload, signature)
    assert (response.status_code, response.content) == (400, b"")
    assert not StripeEvent.objects.exists()


def test_forged_old_and_changed_ones_are_refused_without_a_word(stripe_client: ChainClient) -> None:
    payload = body()
    refused(stripe_client, payload, "")
    refused(stripe_client, payload, "nonsense")
    refused(stripe_client, payload, signed(payload, "whsec_other"))
    refused(stripe_client, payload, signed(payload, ""))
    refused(stripe_client, payload, signed(payload, age=301))
    refused(stripe_client, payload, f"t={int(time.time())}")
    refused(stripe_client, payload.replace("cus_1", "cus_2"), signed(payload))
    refused(stripe_client, payload[:-10], signed(payload))
    refused(stripe_client, payload + " ", signed(payload))


def test_signed_but_no_event(stripe_client: ChainClient) -> None:
    for payload in ["", "{", "[]", "null", '"evt"', "{}", '{"id": 5}', body(id=7), body(data=[])]:
        refused(stripe_client, payload, signed(payload))


def test_without_a_secret_nothing_is_taken(stripe_client: ChainClient, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    payload = body()
    refused(stripe_client, payload, signed(payload, ""))


def test_too_large_is_refused_unread(stripe_client: ChainClient) -> None:
    response = send(stripe_client, body(padding="x" * 600_000))
    assert response.status_code == 413
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods(stripe_client: ChainClient, method: str) -> None:
    assert getattr(stripe_client, method)(ADDRESS).status_code == 405


def test_a_chains_host_has_no_such_address(chain: Chain) -> None:
    payload = body()
    client = ChainClient(headers={"host": "acme.localhost"})
    response = send(client, payload)
    assert response.status_code in {302, 403, 404}
    with outside_chains():
        assert not StripeEvent.objects.exists()
