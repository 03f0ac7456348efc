"""Another number of stores, plan or interval: the price first, then just that."""

from calendar import monthrange
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing.models import Account
from billing.plans import CHAIN, PLANS, Tier
from billing.services.plan_changes import SALT
from core.audit.models import AuditEntry
from core.stores.models import Store
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains
from tests.plugins.salons import text_of

DAY = 86_400


def paid_at_once(payer: Payer) -> list[int]:
    """What the latest invoice came to."""
    return [invoice.total for invoice in payer.invoices()]


@pytest.fixture
def subscribed(late_payer: Payer) -> Payer:
    late_payer.subscribe("chain.month", 3)
    return late_payer


def days_of_a_month() -> int:
    """From today to the same day of the next month, or its last."""
    today = timezone.now().date()
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = monthrange(first.year, first.month)[1]
    return (first.replace(day=min(today.day, last)) - today).days


@pytest.mark.parametrize(("days", "stores"), [(0, 4), (7, 10), (15, 11), (20, 60)])
def test_more_stores_cost_what_was_shown_and_are_there_at_once(subscribed: Payer, days: int, stores: int) -> None:
    month = days_of_a_month()
    subscribed.wait(days)
    before = paid_at_once(subscribed)
    page = subscribed.offer("chain.month", stores)
    offer = page.context["offer"]
    assert offer.each_period == CHAIN.amount(stores, "CNY", "month")
    # Of the days of a month from today on, each as long as the others.
    full = CHAIN.amount(stores, "CNY", "month") - 3 * 199_00
    assert abs(offer.due_now - full * (month - days) / month) < 100 + full / 1000
    assert offer.credit == 0
    assert f"¥{offer.each_period // 100:,} a month" in text_of(page)
    response = subscribed.confirm(page)
    assert response.status_code == 302, text_of(response)
    after = paid_at_once(subscribed)
    assert after[: len(after) - len(before)] == [offer.due_now]
    account = subscribed.account
    assert (account.quantity, account.chain.entitlements.stores) == (stores, stores)
    assert account.monthly_amount == offer.each_period
    entry = AuditEntry.objects.filter(action="plan.asked").latest("pk")
    assert (entry.before, entry.after) == ({"stores": 3}, {"stores": stores})


def test_every_plan_is_priced_for_the_stores_that_were_asked_for(subscribed: Payer) -> None:
    assert "Chain, 3 stores" in text_of(subscribed.get("change/"))
    said = text_of(subscribed.offer("chain.month", 12))
    assert "Chain, 12 stores" in said
    assert f"¥{CHAIN.amount(12, 'CNY', 'year') // 100:,} a year" in said
    assert "¥597 a year" not in said


def test_fewer_are_a_credit_on_the_next_invoice(subscribed: Payer) -> None:
    Store.objects.filter(code="S3").update(closed_on=timezone.localdate())
    subscribed.wait(10)
    page = subscribed.offer("chain.month", 2)
    offer = page.context["offer"]
    assert offer.due_now == 0
    assert 0 < offer.credit < 199_00
    assert "taken off the next invoice" in text_of(page)
    many = len(subscribed.invoices())
    subscribed.confirm(page)
    assert len(subscribed.invoices()) == many
    assert subscribed.account.quantity == 2
    upcoming = text_of(subscribed.get("upcoming/"))
    assert f"¥{(2 * 199_00 - offer.credit) / 100:.2f}".removesuffix(".00") in upcoming


def test_from_month_to_year_begins_a_period_that_is_paid_at_once(subscribed: Payer) -> None:
    page = subscribed.offer("chain.year", 3)
    offer = page.context["offer"]
    assert offer.each_period == 3 * 1990_00
    assert 3 * 1990_00 - 3 * 199_00 <= offer.due_now < 3 * 1990_00
    assert "for a new period that begins now" in text_of(page)
    subscribed.confirm(page)
    assert paid_at_once(subscribed)[0] == offer.due_now
    account = subscribed.account
    assert (account.interval, account.quantity) == ("year", 3)


def test_who_pays_an_old_price_is_not_told_todays(subscribed: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    dearer = Tier(None, {"CNY": 999_00, "USD": 99_00, "EUR": 99_00})
    monkeypatch.setattr("billing.plans.PLANS", plans := {**PLANS, "chain": replace(CHAIN, tiers=(dearer,))})
    monkeypatch.setattr("billing.orders.PLANS", plans)
    assert "3 stores, paid monthly" in text_of(subscribed.get())
    page = subscribed.offer("chain.month", 4)
    assert page.context["offer"].each_period == 4 * 199_00
    assert [page.context[name] for name in ("now", "wanted")] == [
        "Chain, 3 stores, paid monthly", "Chain, 4 stores, paid monthly",
    ]  # fmt: skip
    subscribed.confirm(page)
    assert "Done: Chain, 4 stores, paid monthly." in text_of(subscribed.get())


def test_from_year_to_month_leaves_a_credit(late_payer: Payer) -> None:
    late_payer.subscribe("chain.year", 3)
    page = late_payer.offer("chain.month", 3)
    offer = page.context["offer"]
    assert (offer.due_now, offer.each_period) == (0, 3 * 199_00)
    assert offer.credit > 4 * 1990_00 // 2
    late_payer.confirm(page)
    assert late_payer.account.interval == "month"
    assert len(late_payer.invoices()) == 2


def test_from_solo_to_chain_and_back(late_payer: Payer) -> None:
    Store.objects.exclude(code="S1").update(closed_on=timezone.localdate())
    late_payer.subscribe("solo.month", 1)
    page = late_payer.offer("chain.month", 2)
    assert page.context["offer"].due_now > 0
    late_payer.confirm(page)
    assert (late_payer.account.plan, late_payer.account.quantity) == ("chain", 2)
    page = late_payer.offer("solo.month", 2)
    assert page.context["offer"].credit > 0
    late_payer.confirm(page)
    account = late_payer.account
    assert (account.plan, account.quantity, account.chain.entitlements.own_domain) == ("solo", 1, False)


@pytest.mark.parametrize(
    ("choice", "stores", "said"),
    [
        ("chain.month", 2, "3 stores are open and 2 are covered: close 1 first."),
        ("solo.month", 1, "3 stores are open and 1 is covered: close 2 first."),
    ],
)
def test_what_does_not_fit_says_what_to_reduce(subscribed: Payer, choice: str, stores: int, said: str) -> None:
    response = subscribed.offer(choice, stores)
    assert response.status_code == 409
    assert said in text_of(response)
    assert response.context["offer"] is None


def test_in_the_trial_nothing_is_due(payer: Payer) -> None:
    payer.subscribe("chain.month", 3)
    page = payer.offer("chain.month", 5)
    assert (page.context["offer"].due_now, page.context["offer"].each_period) == (0, 5 * 199_00)
    payer.confirm(page)
    assert (payer.account.status, payer.account.quantity) == ("trialing", 5)
    assert not any(invoice.amount_due for invoice in payer.invoices())


def test_a_card_that_fails_gives_nothing(subscribed: Payer) -> None:
    portal = subscribed.post("payment-details/").headers["Location"]
    subscribed.stripe.change_card(portal, "4000000000000341")
    page = subscribed.offer("chain.month", 4)
    response = subscribed.confirm(page)
    assert response.status_code == 402
    assert "The payment was refused." in text_of(response)
    assert "Change the card" in text_of(response)
    assert subscribed.account.quantity == 3
    assert subscribed.subscription()["items"].data[0].quantity == 3
    # With another card, it is as if nothing had been.
    subscribed.stripe.change_card(portal, "4242424242424242")
    assert subscribed.confirm(subscribed.offer("chain.month", 4)).status_code == 302
    assert subscribed.account.quantity == 4


def test_sent_twice_it_is_done_once(subscribed: Payer) -> None:
    page = subscribed.offer("chain.month", 4)
    assert [subscribed.confirm(page).status_code for _ in range(3)] == [302, 302, 302]
    assert len(subscribed.invoices()) == 2


def test_a_price_that_moved_is_shown_again_instead_of_charged(subscribed: Payer) -> None:
    page = subscribed.offer("chain.month", 5)
    # In another tab.
    subscribed.confirm(subscribed.offer("chain.month", 4))
    many = len(subscribed.invoices())
    response = subscribed.confirm(page)
    assert response.status_code == 409
    assert "The price has moved meanwhile. Nothing was changed; look again." in text_of(response)
    assert (subscribed.account.quantity, len(subscribed.invoices())) == (4, many)
    offered = response.context["offer"]
    assert offered.due_now < page.context["offer"].due_now
    assert subscribed.confirm(response).status_code == 302
    assert subscribed.account.quantity == 5


def test_only_what_was_offered_to_this_chain_and_lately_is_done(
    subscribed: Payer, other_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = subscribed.offer("chain.month", 4).context["offer"].token
    once, pk, *rest = signing.loads(token, salt=SALT)
    forged = [
        "", "nonsense", token[:-1] + "x", signing.dumps([once, pk, *rest], salt="another"),
        signing.dumps([once, other_account.pk, *rest], salt=SALT),
    ]  # fmt: skip
    for each in forged:
        response = subscribed.post("change/", token=each, choice="chain.month", stores=4)
        assert response.status_code == 409
        assert "This offer is too old." in text_of(response)
    monkeypatch.setattr("billing.services.plan_changes.OFFER_MAX_AGE", -1)
    assert subscribed.post("change/", token=token, choice="chain.month", stores=4).status_code == 409
    assert subscribed.account.quantity == 3
    assert len(subscribed.invoices()) == 1


def test_a_payment_that_the_bank_wants_confirmed_changes_nothing_and_says_so(subscribed: Payer) -> None:
    subscribed.stripe.change_card(subscribed.post("payment-details/").headers["Location"], "4000002760003184")
    response = subscribed.confirm(subscribed.offer("chain.month", 4))
    assert response.status_code == 402
    assert "Your bank wants this payment confirmed" in text_of(response)
    assert subscribed.account.quantity == 3


def test_what_is_owed_comes_first(subscribed: Payer) -> None:
    portal = subscribed.post("payment-details/").headers["Location"]
    subscribed.stripe.change_card(portal, "4000000000000341")
    subscribed.stripe.advance(days=32)
    subscribed.get("payment-details/returned/")
    assert subscribed.account.status == "past_due"
    assert "A payment is overdue since" in text_of(subscribed.get())
    response = subscribed.offer("chain.month", 4)
    assert response.status_code == 409
    assert "A payment is open: pay it first" in text_of(response)


def test_what_is_about_to_end_is_not_changed(subscribed: Payer) -> None:
    subscribed.post("cancellation/")
    response = subscribed.offer("chain.month", 4)
    assert response.status_code == 409
    assert "about to end" in text_of(response)


def test_an_old_price_is_kept_where_only_the_number_changes(subscribed: Payer) -> None:
    item = subscribed.subscription()["items"].data[0]
    subscribed.stripe.client().v1.prices.update(item.price.id, {"active": False})
    subscribed.confirm(subscribed.offer("chain.month", 4))
    changed = subscribed.subscription()["items"].data[0]
    assert (changed.quantity, changed.price.id) == (4, item.price.id)


def test_where_to_go_on_is_a_page_of_the_chain(subscribed: Payer) -> None:
    offer = subscribed.offer("chain.month", 4).context["offer"]
    form = {"token": offer.token, "choice": "chain.month", "stores": 4}
    for place, led in (("/store-opening/?code=S4", "/store-opening/?code=S4"), ("//evil.example/", "/billing/")):
        assert subscribed.post("change/", next=place, **form).headers["Location"] == led


def test_a_store_beyond_what_is_paid_leads_to_its_price_and_then_opens(subscribed: Payer) -> None:
    form = {"code": "S4", "name": "Four", "city": "上海"}
    refused = subscribed.client.post("/store-opening/", form)
    assert refused.status_code == 402
    page = subscribed.get("change/?stores=4&next=/store-opening/")
    assert page.context["offer"].order.stores == 4
    subscribed.confirm(page)
    assert subscribed.client.post("/store-opening/", form).status_code == 302
    with tenant_context(subscribed.account.chain):
        assert Store.objects.open().count() == 4


def test_without_a_subscription_it_leads_to_one(payer: Payer) -> None:
    response = payer.get("change/?choice=chain.year&stores=4")
    assert response.headers["Location"] == "/billing/subscription/?choice=chain.year&stores=4"
    page = payer.client.get(response.headers["Location"])
    assert 'value="chain.year" checked' in " ".join(page.content.decode().split())
    with outside_chains():
        assert Account.objects.get().checkout_id == ""


def test_in_the_demo_where_the_clock_of_the_stand_in_alone_moves(late_payer: Payer) -> None:
    late_payer.subscribe("chain.month", 3)
    late_payer.stripe.advance(days=45)
    page = late_payer.offer("chain.month", 5)
    # About half of the second month is left.
    assert 150_00 < page.context["offer"].due_now < 250_00
    assert late_payer.confirm(page).status_code == 302
    assert late_payer.account.quantity == 5
