"""What asking for an entitlement costs, how soon a webhook is answered, and a thousand events worked off, each once.

The last needs a Stripe: the stand-in, as a process of its own on the same two cores.
"""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import stripe
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django_tenants.utils import tenant_context

import config.celery  # noqa: F401 - through it workers are told
from billing.models import Account, RevenueChange, StripeEvent
from billing.plans import CHAIN
from billing.services.access import compute_access, open_account
from billing.services.stripe_sync import refresh_account
from billing.stripe_catalogue import sync_plans
from billing.webhooks.events import store_events
from billing.webhooks.processing import process_due_events
from core.shared.entitlements import require_feature
from tenants.models import Chain
from tenants.provisioning import create_chain
from tests.benchmarks.rows import ALLOWED, Row, one_ms, row
from tests.billing.customers import TestCustomer
from tests.billing.webhooks.test_processing import told
from tests.plugins.stripe import KEY, SECRET, start

ASKED = 2_000
REQUESTS, ALLOWED_MS = 1_000, 20.0
EVENTS, CUSTOMERS, ALLOWED_S = 1_000, 40, 30.0
SINGLE = 100


def run() -> Iterator[Row]:
    yield from _entitlements()
    yield from _webhooks()
    yield from _working_off()


# --- entitlements


def _entitlements() -> Iterator[Row]:
    """Asked of the chain that a request has loaded, beside reading the account for it."""
    create_chain(schema="asked", name="Asked")
    open_account(chain=Chain.objects.get(schema_name="asked"))
    chain = Chain.objects.get(schema_name="asked")
    with tenant_context(chain), CaptureQueriesContext(connection) as queries:
        require_feature("own_domain")
        ours = _each_us(lambda: require_feature("own_domain"))
    if len(queries):
        raise RuntimeError("An entitlement check makes a query.")
    read = _each_us(lambda: compute_access(Account.objects.get(chain=chain)))
    yield row("An entitlement asked in a request", ours, "µs", than="by reading the account", alternative=read)


def _each_us(action: Callable[[], object]) -> float:
    """The middle one of many runs."""
    return statistics.median(one_ms(action) * 1000 for _ in range(ASKED))


# --- webhooks


@csrf_exempt
@login_not_required
def bare(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [path("bare/", bare), path("", include("billing.urls.public"))]


def _webhooks() -> Iterator[Row]:
    """With all middleware, the row kept and a worker told."""
    ours, beside = _answered()
    # The first ones load what is loaded once.
    late, bare_late = (statistics.quantiles(times[50:], n=20)[-1] for times in (ours, beside))
    yield row(
        "A webhook answered, 95 of 100 within", late, "ms", than="a view that does nothing", alternative=bare_late
    )
    yield row("A webhook answered, 95 of 100 within", late, "ms", than=ALLOWED, alternative=ALLOWED_MS)


@override_settings(PUBLIC_SCHEMA_URLCONF=__name__, STRIPE_WEBHOOK_SECRETS=["whsec_old", SECRET])
def _answered() -> tuple[list[float], list[float]]:
    """Milliseconds of each, ours and the bare view, taken in turn."""
    handler, ours, beside = WSGIHandler(), [], []
    for number in range(REQUESTS):
        ours.append(one_ms(partial(_send, handler, "/billing/webhook/", _event(number))))
        beside.append(one_ms(partial(_send, handler, "/bare/", _event(number))))
    assert StripeEvent.objects.count() == REQUESTS
    StripeEvent.objects.all().delete()
    return ours, beside


def _event(number: int) -> str:
    about = {"object": "invoice", "id": f"in_{number}", "customer": "cus_1", "lines": [{"text": "x" * 200}] * 20}
    created = int(time.time())
    return json.dumps({"id": f"evt_{number}", "type": "invoice.paid", "created": created, "data": {"object": about}})


def _send(handler: WSGIHandler, address: str, body: str) -> None:
    headers = {
        "host": "localhost",
        "stripe-signature": stripe.WebhookSignature.generate_signature_header(body, SECRET),
    }
    request = RequestFactory().post(address, body, content_type="application/json", headers=headers)
    response = handler.get_response(request)
    response.close()
    assert response.status_code == 204


# --- events


def _working_off() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        process, server = start(Path(folder) / "state.sqlite")
        try:
            server.ask("POST", "reset", webhook_url="", secrets=[SECRET], paused=False)
            with (
                override_settings(STRIPE_SECRET_KEY=KEY, STRIPE_API_BASE=server.url),
                patch("billing.tasks.process_stripe_events.apply_async"),
            ):
                yield from _timed(_lived(), told(server))
        finally:
            process.terminate()
            process.wait()


def _lived() -> list[TestCustomer]:
    """Customers that have opened and closed stores, with more than a thousand events between them."""
    sync_plans()
    customers = []
    for number in range(CUSTOMERS):
        create_chain(schema=f"payer{number}", name="Payer")
        customer = TestCustomer(open_account(chain=Chain.objects.get(schema_name=f"payer{number}")))
        found = customer.subscribe(CHAIN, 1)
        item = found["items"].data[0].id
        for stores in range(2, 16):
            customer.api.subscriptions.update(found.id, {"items": [{"id": item, "quantity": stores}]})
        customers.append(customer)
    return customers


def _timed(customers: list[TestCustomer], all_events: list[Any]) -> Iterator[Row]:
    ours = {customer.id for customer in customers}
    about_ours = [event for event in all_events if event["data"]["object"].get("customer") in ours]
    events = random.Random(3).sample(about_ours, EVENTS)
    shuffled = events + events[: EVENTS // 2]
    random.Random(3).shuffle(shuffled)
    began = time.perf_counter()
    for first in range(0, len(shuffled), 50):
        store_events(shuffled[first : first + 50])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _number: _work(), range(2)))
    took = time.perf_counter() - began
    _check(customers)
    # One by one, as a handler that reads the state for each event does.
    began = time.perf_counter()
    for event in events[:SINGLE]:
        refresh_account(account_id=Account.objects.get(customer_id=event["data"]["object"]["customer"]).pk)
    single = (time.perf_counter() - began) * EVENTS / SINGLE
    what = "1,000 events of 40 customers worked off, in random order and half of them twice"
    yield row(what, took, "s", than="one by one", alternative=single)
    yield row(what, took, "s", than=ALLOWED, alternative=ALLOWED_S)


def _work() -> None:
    try:
        process_due_events()
    finally:
        connections.close_all()


def _check(customers: list[TestCustomer]) -> None:
    """Exactly once."""
    assert StripeEvent.objects.filter(handled_at=None).count() == 0
    assert StripeEvent.objects.count() == EVENTS
    theirs = Account.objects.filter(pk__in=[customer.account.pk for customer in customers])
    assert set(theirs.values_list("quantity", flat=True)) == {15}
    assert RevenueChange.objects.count() == len(customers)
