"""Subscribing by Stripe's own page, over real HTTP against the stand-in."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from billing.models import Account
from core.audit.models import AuditEntry
from core.stores.models import Store
from tenants.life.suspension import suspend_chain
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains
from tests.plugins.salons import text_of


def test_what_is_chosen_is_paid_and_then_the_chain_can_be_changed_again(late_payer: Payer) -> None:
    assert late_payer.account.chain.is_unpaid
    account = late_payer.subscribe("chain.month", 3)
    assert (account.status, account.plan, account.interval, account.quantity) == ("active", "chain", "month", 3)
    assert (account.currency, account.monthly_amount) == ("CNY", 3 * 199_00)
    assert not account.chain.is_read_only
    assert account.chain.entitlements.stores == 3
    page = text_of(late_payer.get())
    assert "Active. The next invoice is made on" in page
    assert "Chain, 3 stores, paid monthly" in page
    assert "3 of 3" in page
    entry = AuditEntry.objects.get(action="plan.asked")
    assert entry.after == {"plan": "chain", "interval": "month", "stores": 3, "currency": "CNY"}


def test_the_page_is_right_before_the_webhook_comes(late_payer: Payer) -> None:
    place = late_payer.stripe.pay(late_payer.checkout())
    assert late_payer.account.status == ""
    response = late_payer.client.get(place.removeprefix("http://acme.localhost"), follow=True)
    assert "Thank you. Active." in text_of(response)


def test_what_is_left_of_the_trial_stays_free(payer: Payer) -> None:
    ends = payer.account.trial_ends_at
    account = payer.subscribe("solo.year" if Store.objects.count() == 1 else "chain.year", 3)
    assert account.status == "trialing"
    assert account.period_ends_at is not None
    assert abs(account.period_ends_at - ends) < timedelta(seconds=2)
    assert not any(invoice.amount_paid for invoice in payer.invoices())
    assert "Subscribed. The first payment is made on" in text_of(payer.get())


def test_a_trial_that_ends_within_two_days_is_not_what_stripe_takes(payer: Payer) -> None:
    account = payer.account
    account.trial_ends_at = timezone.now() + timedelta(hours=47)
    with outside_chains():
        account.save(update_fields=["trial_ends_at"])
    assert payer.subscribe().status == "active"


def test_two_tabs_lead_to_one_page(late_payer: Payer) -> None:
    first, second = late_payer.checkout(), late_payer.checkout()
    assert first == second
    late_payer.stripe.pay(first)
    late_payer.get("subscription/paid/")
    assert len(late_payer.stripe.client().v1.subscriptions.list({"status": "all"}).data) == 1


def test_another_choice_closes_the_page_of_the_first(late_payer: Payer) -> None:
    first, second = late_payer.checkout("chain.month"), late_payer.checkout("chain.year")
    assert first != second
    with pytest.raises(AssertionError):
        late_payer.stripe.pay(first)
    late_payer.stripe.pay(second)
    late_payer.get("subscription/paid/")
    assert late_payer.account.interval == "year"


def test_a_second_subscription_cannot_begin(late_payer: Payer) -> None:
    late_payer.subscribe()
    assert late_payer.get("subscription/").headers["Location"] == "/billing/"
    response = late_payer.post("subscription/", choice="chain.year", stores=3, currency="CNY")
    assert response.status_code == 409
    assert "There is a subscription already." in text_of(response)
    # Nor where we have not heard of the first yet.
    with outside_chains():
        Account.objects.update(status="", subscription_id="")
    assert late_payer.post("subscription/", choice="chain.year", stores=3, currency="CNY").status_code == 409


def test_a_card_that_is_declined_leaves_everything_as_it_was(late_payer: Payer) -> None:
    address = late_payer.checkout()
    with pytest.raises(AssertionError):
        late_payer.stripe.pay(address, card="4000000000000002")
    late_payer.get("subscription/paid/")
    assert late_payer.account.status == ""
    assert "The payment has not come yet." in text_of(late_payer.get())
    assert late_payer.checkout() == address


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"choice": "gold.month"}, 400, "Select a valid choice"),
        ({"choice": "chain.week"}, 400, "Select a valid choice"),
        ({"stores": "0"}, 400, "greater than or equal to 1"),
        ({"stores": "many"}, 400, "Enter a whole number"),
        ({"stores": "2"}, 409, "3 stores are open and 2 are covered: close 1 first."),
        ({"choice": "solo.month"}, 409, "3 stores are open and 1 is covered: close 2 first."),
        ({"currency": "GBP"}, 400, "Select a valid choice"),
    ],
)
def test_what_cannot_be_bought_is_said(late_payer: Payer, form: dict[str, str], status: int, said: str) -> None:
    response = late_payer.post("subscription/", **{"choice": "chain.month", "stores": "3", "currency": "CNY", **form})
    assert (response.status_code, said in text_of(response)) == (status, True), text_of(response)
    assert late_payer.account.checkout_id == ""


@pytest.mark.parametrize(("asked", "shown"), [("12", 12), ("0", 3), ("x", 3), ("9" * 400, 3)])
def test_the_plans_are_priced_for_the_stores_that_were_asked_for(late_payer: Payer, asked: str, shown: int) -> None:
    assert f"Chain, {shown} stores: " in text_of(late_payer.get(f"subscription/?stores={asked}"))


def test_the_currency_is_that_of_the_first_subscription(late_payer: Payer) -> None:
    late_payer.subscribe(currency="EUR")
    late_payer.stripe.client().v1.subscriptions.cancel(late_payer.account.subscription_id)
    late_payer.get("payment-details/returned/")
    assert late_payer.account.status == "canceled"
    page = late_payer.get("subscription/")
    assert page.context["currency"] == "EUR"
    assert "€105 a month" in text_of(page)
    # What a form says against it is not heard.
    account = late_payer.subscribe(currency="USD")
    assert (account.status, account.currency) == ("active", "EUR")


@pytest.fixture
def given_up(late_payer: Payer) -> Payer:
    """Whose card failed at the renewal until Stripe ended the subscription."""
    late_payer.subscribe()
    late_payer.stripe.change_card(late_payer.post("payment-details/").headers["Location"], "4000000000000341")
    late_payer.stripe.advance(days=32)
    late_payer.stripe.advance(days=8)
    late_payer.get("payment-details/returned/")
    assert late_payer.account.status == "canceled"
    return late_payer


def pay_the_open_one(payer: Payer) -> None:
    api = payer.stripe.client().v1
    (left,) = api.invoices.list({"customer": payer.account.customer_id or "", "status": "open"}).data
    method = api.payment_methods.attach("pm_card_visa", {"customer": payer.account.customer_id or ""})
    api.invoices.pay(left.id, {"payment_method": method.id})


def test_the_page_says_what_becomes_of_an_invoice_that_is_open(given_up: Payer) -> None:
    with outside_chains():
        number = given_up.account.invoices.get(status="open").number
    assert f"Invoice {number} of ¥597 is still open" in text_of(given_up.get("subscription/"))
    given_up.subscribe()
    assert "is still open" not in text_of(given_up.get("subscription/"))
    with outside_chains():
        assert given_up.account.invoices.get(number=number).status == "void"


def test_nobody_pays_for_the_same_days_on_a_page_from_before(given_up: Payer) -> None:
    """Opened first; then what it would be paid for was paid by the old invoice."""
    ends = given_up.account.period_ends_at
    address = given_up.checkout()
    pay_the_open_one(given_up)
    given_up.get("payment-details/returned/")
    assert given_up.account.ended_at == ends
    with pytest.raises(AssertionError):
        given_up.stripe.pay(address)
    account = given_up.subscribe()
    assert (account.status, account.period_ends_at) == ("trialing", ends)


def test_a_page_that_begins_at_another_day_is_not_led_to(given_up: Payer) -> None:
    address = given_up.checkout()
    pay_the_open_one(given_up)
    with outside_chains():
        Account.objects.update(past_due_since=None)
    assert given_up.checkout() != address


def test_what_stripe_is_asked_for(late_payer: Payer) -> None:
    late_payer.checkout()
    (call,) = late_payer.stripe.calls("POST", "/v1/checkout/sessions")
    asked = call["params"]
    for part in ("allow_promotion_codes=true", "tax_id_collection%5Benabled%5D=true", "billing_address_collection"):
        assert part in asked or part.replace("%5B", "[").replace("%5D", "]") in asked, asked
    # So that it offers what fits the country and the currency.
    assert "payment_method_types" not in asked
    assert call["key"]


def test_stripes_own_pages_may_be_led_to_and_nothing_else(late_payer: Payer) -> None:
    for path in ("", "subscription/"):
        policy = late_payer.get(path).headers["Content-Security-Policy"]
        assert f"form-action 'self' {' '.join(configured.STRIPE_PAGES)};" in policy
    assert "form-action 'self';" in late_payer.client.get("/stores/").headers["Content-Security-Policy"]


def test_card_and_invoices_are_managed_at_stripes_page(late_payer: Payer) -> None:
    assert late_payer.post("payment-details/").status_code == 409
    late_payer.subscribe()
    response = late_payer.post("payment-details/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(late_payer.stripe.url)
    assert "http://acme.localhost/billing/payment-details/returned/" in late_payer.stripe.page(response["Location"])


def test_the_subscription_ends_with_its_period_and_can_go_on(late_payer: Payer) -> None:
    late_payer.subscribe()
    page = text_of(late_payer.get("cancellation/"))
    assert "Nothing is deleted." in page
    assert late_payer.post("cancellation/").status_code == 302
    account = late_payer.account
    assert (account.status, account.cancels_at) == ("active", account.period_ends_at)
    assert late_payer.subscription().cancel_at_period_end
    assert "The subscription ends on" in text_of(late_payer.get())
    assert late_payer.post("cancellation/withdrawal/").status_code == 302
    assert late_payer.account.cancels_at is None
    assert not late_payer.subscription().cancel_at_period_end


def test_at_its_end_the_chain_is_read_and_exported_and_comes_back(late_payer: Payer) -> None:
    late_payer.subscribe()
    late_payer.post("cancellation/")
    late_payer.stripe.advance(days=40)
    late_payer.get("payment-details/returned/")
    account = late_payer.account
    assert account.status == "canceled"
    # The stand-in's time runs ahead of ours.
    with outside_chains():
        Account.objects.update(ended_at=timezone.now() - timedelta(hours=1))
        account = Account.objects.select_related("chain").get()
        account.chain.writable_until = account.ended_at
        account.chain.save()
    assert late_payer.client.post("/store-opening/", {"code": "S4"}).status_code == 402
    for path in ("/stores/", "/clients/", "/repurchase/", "/settings/", "/billing/", "/audit/"):
        assert late_payer.client.get(path).status_code == 200, path
    assert "The subscription ended on" in text_of(late_payer.get())
    assert late_payer.subscribe().status == "active"
    assert late_payer.client.get("/store-opening/").status_code == 200
    with tenant_context(late_payer.account.chain):
        assert Store.objects.open().count() == 3


def test_a_suspension_is_not_lifted_by_a_payment(late_payer: Payer) -> None:
    with outside_chains():
        suspend_chain(late_payer.account.chain, reason="Asked for.")
    assert late_payer.subscribe().chain.is_read_only


def test_without_stripe_it_is_said(payer: Payer, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert "no payment provider is set up" in text_of(payer.get())
    response = payer.post("subscription/", choice="chain.month", stores=3, currency="CNY")
    assert response.status_code == 503
    assert "no payment provider is set up" in text_of(response)


def test_a_chain_that_fits_solo_is_offered_it(late_payer: Payer) -> None:
    Store.objects.exclude(code="S1").update(closed_on=timezone.localdate())
    assert "What fits you now: Solo, 1 store: ¥99 a month." in text_of(late_payer.get())
    account = late_payer.subscribe("solo.month", 9)
    assert (account.plan, account.quantity, account.chain.entitlements.staff) == ("solo", 1, 15)
    response = late_payer.client.post("/store-opening/", {"code": "S4", "name": "Four", "city": "上海"})
    assert response.status_code == 402


def test_a_plan_that_is_too_small_says_why(late_payer: Payer) -> None:
    page = text_of(late_payer.get("subscription/"))
    assert "3 stores are open and 1 is covered: close 2 first." in page
