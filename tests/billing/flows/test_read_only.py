"""A form at a chain whose grace is over: refused, and taken as soon as the payment is made."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from billing.plans import GRACE_DAYS
from billing.reconcile import fetch_missed_events
from billing.webhooks.processing import process_due_events
from core.accounts.models import User
from core.stores.models import Store
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains, signed_in
from tests.plugins.salons import text_of

OPENING = {"name": "Hongqiao", "city": "上海", "city_tier": "一线", "region": "华东", "code": "S4"}


def hear() -> None:
    with outside_chains():
        fetch_missed_events()
        process_due_events()


def test_the_same_form_before_and_after_the_payment(
    late_payer: Payer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, stripe = late_payer, late_payer.stripe
    stripe.set(after_retries="unpaid")
    payer.subscribe("chain.month", 4)
    stripe.change_card(payer.post("payment-details/").headers["Location"], "4000000000000341")
    payer.wait(days=32)
    moment = datetime.fromtimestamp(stripe.advance(days=GRACE_DAYS), UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    hear()
    payer.client = signed_in(owner, host="acme.localhost")
    page = payer.client.get("/stores/")
    assert "What was paid for is over." in text_of(page)
    refused = payer.client.post("/store-opening/", OPENING)
    assert refused.status_code == 402
    assert "can be read" in text_of(refused)
    assert not Store.objects.filter(code="S4").exists()
    # The owner can pay all the same, and does.
    stripe.change_card(payer.post("payment-details/").headers["Location"], "4242424242424242")
    stripe.client().v1.invoices.pay(next(found.id for found in payer.invoices() if found.status == "open"))
    hear()
    assert "What was paid for is over." not in text_of(payer.client.get("/stores/"))
    assert payer.client.post("/store-opening/", OPENING).status_code == 302
    assert Store.objects.filter(code="S4").exists()
