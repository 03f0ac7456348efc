"""A fault at every call to Stripe of every thing an owner does, one by one.

The owner is told in one sentence, what is sent again charges nothing twice, and in the end everything is as it would
have been without the fault.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import stripe
from django.utils import timezone

from billing import gateway
from billing.models import Account, Invoice, RevenueChange
from billing.reconcile import reconcile
from billing.services.quantity_sync import try_sync_quantity
from billing.services.stripe_sync import refresh_account
from core.stores.models import Store
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains
from tests.plugins.salons import text_of

KINDS = ["status", "close_before", "close_after", "half", "slow"]
# More calls than any of them makes.
LONGEST = 40
SAID = {
    "The payment provider does not answer just now. Try again in a minute; nothing is charged twice.",
    "We have not heard of the payment yet. This page shows it as soon as it has come.",
}


@dataclass(frozen=True)
class Deed:
    """`prepare` leads up to it; `do` is what one presses, and presses again."""

    do: Callable[[Payer, Any], Any]
    prepare: Callable[[Payer], Any] = lambda _payer: None


def _subscribe(payer: Payer, _made: Any) -> Any:
    return payer.post("subscription/", choice="chain.month", stores=3, currency="CNY")


def _return(payer: Payer, _made: Any) -> Any:
    return payer.client.get("/billing/subscription/paid/", follow=True)


def _running(payer: Payer) -> None:
    payer.subscribe()


def _offered(payer: Payer, choice: str = "chain.month", stores: int = 5) -> Any:
    payer.subscribe()
    return {"token": payer.offer(choice, stores).context["offer"].token, "choice": choice, "stores": stores}


def _offered_less(payer: Payer) -> Any:
    Store.objects.filter(code="S3").update(closed_on=timezone.localdate())
    return _offered(payer, stores=2)


def _paid_again(payer: Payer) -> None:
    """Stripe gave up an invoice that is still open, and a new subscription has just been paid."""
    payer.subscribe()
    payer.stripe.change_card(payer.post("payment-details/").headers["Location"], "4000000000000341")
    payer.stripe.advance(days=32)
    payer.stripe.advance(days=8)
    payer.get("payment-details/returned/")
    payer.stripe.pay(payer.checkout())


def _ending(payer: Payer) -> None:
    payer.subscribe()
    payer.post("cancellation/")


def _closed(payer: Payer) -> None:
    payer.subscribe()
    Store.objects.filter(code="S3").update(closed_on=timezone.localdate())


DEEDS = {
    "subscribe": Deed(_subscribe),
    "return": Deed(_return, lambda p: p.stripe.pay(p.checkout())),
    "choose another": Deed(_subscribe, lambda p: p.checkout("chain.year")),
    "return over an open invoice": Deed(_return, _paid_again),
    "portal": Deed(lambda p, _m: p.post("payment-details/"), _running),
    "offer": Deed(lambda p, _m: p.offer("chain.year", 3), _running),
    "change": Deed(lambda p, made: p.post("change/", **made), _offered),
    "fewer": Deed(lambda p, made: p.post("change/", **made), _offered_less),
    "interval": Deed(lambda p, made: p.post("change/", **made), lambda p: _offered(p, "chain.year", 3)),
    "end": Deed(lambda p, _m: p.post("cancellation/"), _running),
    "go on": Deed(lambda p, _m: p.post("cancellation/withdrawal/"), _ending),
    "upcoming": Deed(lambda p, _m: p.get("upcoming/"), _running),
}  # fmt: skip


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library's own tries and pauses, each of which would hide the fault."""

    def client() -> stripe.StripeClient:
        from django.conf import settings

        return stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=gateway.TIMEOUT_SECONDS),
        )

    monkeypatch.setattr(gateway, "client", client)


@contextmanager
def broken(payer: Payer, kind: str, *, call: int, method: str = "") -> Iterator[None]:
    """A fault at that call; what is slow is waited for in vain."""
    with pytest.MonkeyPatch.context() as patch:
        if kind == "slow":
            patch.setattr(gateway, "TIMEOUT_SECONDS", 0.25)
        payer.stripe.fault(kind, method=method, skip=call, status=503, seconds=0.5 if kind == "slow" else 0.0)
        yield
        payer.stripe.ask("DELETE", "faults")


def state(payer: Payer) -> dict[str, Any]:
    """What matters in the end, read again from Stripe."""
    with outside_chains():
        refresh_account(account_id=payer.account.pk)
    return kept(payer)


def kept(payer: Payer) -> dict[str, Any]:
    """What we have of it, and what Stripe has that we do not keep. Where seconds count, amounts are in whole yuan."""
    account = payer.account
    with outside_chains():
        paid = sorted(Invoice.objects.values_list("total", "amount_paid", "status"))
        many = Account.objects.count()
        revenue = list(RevenueChange.objects.order_by("pk").values_list("kind", "before", "after"))
    customer = account.customer_id
    there = payer.stripe.client().v1
    subscriptions = there.subscriptions.list({"customer": customer, "status": "all"}).data if customer else []
    opened = there.checkout.sessions.list({"customer": customer, "status": "open"}).data if customer else []
    runs = account.status == "active" and account.cancels_at is None
    return {
        "accounts": many,
        "status": account.status,
        "quantity": account.quantity,
        "interval": account.interval,
        "ends": account.cancels_at is not None,
        "read only": account.chain.is_read_only,
        "paid": [(round(total, -2), round(amount, -2), status) for total, amount, status in paid],
        "revenue": revenue,
        "subscriptions": len(subscriptions),
        "open pages": len(opened),
        "customers": len(there.customers.list().data),
        "refunds": len(there.refunds.list().data),
        "balance": round(there.customers.retrieve(customer).balance, -2) if customer else 0,
        "next": round(there.invoices.create_preview({"subscription": account.subscription_id}).total, -2)
        if runs
        else 0,
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DEEDS)
def test_at_every_call(late_payer: Payer, name: str, kind: str) -> None:
    deed = DEEDS[name]
    made = deed.prepare(late_payer)
    step, response = 0, None
    while response is None or any(sentence in text_of(response) for sentence in SAID):
        assert response is None or response.status_code in {200, 503}
        assert step < LONGEST, "what is sent again is never done"
        late_payer.stripe.ask("DELETE", "calls")
        with broken(late_payer, kind, call=step):
            response = deed.do(late_payer, made)
        step += 1
    assert step > 1
    # No fault went by unsaid: there was no call left to break.
    assert kind == "slow" or len(late_payer.stripe.calls()) < step
    assert response.status_code in {200, 302}, text_of(response)
    assert state(late_payer) == expected(name)


@pytest.mark.parametrize("kind", ["close_before", "close_after"])
@pytest.mark.parametrize("name", DEEDS)
def test_the_owner_goes_away(late_payer: Payer, name: str, kind: str) -> None:
    """Nothing is pressed again: compared with Stripe alone, it was either done or it was not.

    At each call that changes something; one that reads leaves what the call before it left. An open page or a customer
    alone charges nothing.
    """
    deed = DEEDS[name]
    made = deed.prepare(late_payer)
    before, done = settled(kept(late_payer)), settled(expected(name))
    for step in range(LONGEST):
        late_payer.stripe.ask("DELETE", "calls")
        with broken(late_payer, kind, call=step, method="POST"):
            deed.do(late_payer, made)
        with outside_chains():
            reconcile()
        found = kept(late_payer)
        assert found["open pages"] <= 1
        assert found["customers"] <= 1
        assert settled(found) in (before, done), step
        if settled(found) == done and (before != done or len(late_payer.stripe.calls("POST")) <= step):
            break
    assert settled(found) == done


def settled(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in {"open pages", "customers"}}


def expected(name: str) -> dict[str, Any]:
    month, year = 3 * 199_00, 3 * 1990_00
    first = (month, month, "paid")
    new = ("new", 0, month)
    running = {
        "accounts": 1, "status": "active", "quantity": 3, "interval": "month", "ends": False, "read only": False,
        "paid": [first], "revenue": [new], "subscriptions": 1, "open pages": 0, "customers": 1, "refunds": 0,
        "balance": 0, "next": month,
    }  # fmt: skip
    match name:
        case "subscribe" | "choose another":
            nothing = {"status": "", "quantity": 0, "interval": "", "read only": True, "revenue": [], "next": 0}
            running |= {**nothing, "paid": [], "subscriptions": 0, "open pages": 1}
        case "change":
            more = {"quantity": 5, "paid": [(2 * 199_00, 2 * 199_00, "paid"), first], "next": 5 * 199_00}
            running |= {**more, "revenue": [new, ("expansion", month, 5 * 199_00)]}
        case "fewer":
            # Of the store that was given up, what was paid for it comes off.
            running |= {"quantity": 2, "revenue": [new, ("contraction", month, 2 * 199_00)], "next": 199_00}
        case "interval":
            paid = [first, (year - month, year - month, "paid")]
            changed = {"interval": "year", "paid": paid, "next": year}
            running |= {**changed, "revenue": [new, ("contraction", month, year // 12)]}
        case "return over an open invoice":
            ended = [new, ("churn", month, 0), ("return", 0, month)]
            running |= {"subscriptions": 2, "paid": [(month, 0, "void"), first, first], "revenue": ended}
        case "end":
            running |= {"ends": True, "next": 0}
    return running


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", range(5))
def test_at_every_call_of_the_night(late_payer: Payer, kind: str, step: int) -> None:
    _closed(late_payer)
    with broken(late_payer, kind, call=step):
        try_sync_quantity(late_payer.account.chain)
    try_sync_quantity(late_payer.account.chain)
    found = state(late_payer)
    assert (found["quantity"], found["paid"]) == (2, [(3 * 199_00, 3 * 199_00, "paid")])
    preview = late_payer.stripe.client().v1.invoices.create_preview(
        {"subscription": late_payer.account.subscription_id}
    )
    # One credit, however often it was tried.
    assert 199_00 - 10 <= 2 * 199_00 - preview.total <= 199_00
