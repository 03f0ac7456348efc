"""The owner's pages of plan and payments: who may, which methods, what is said, and how many queries it takes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from billing.models import Account, Invoice
from billing.services.access import save_access
from core.accounts.models import User
from tenants.life.suspension import suspend_chain
from tenants.models import Chain
from tests.billing.conftest import Payer
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of

READ = ["", "upcoming/", "subscription/", "subscription/paid/", "payment-details/returned/", "change/", "cancellation/"]
READ += ["invoices/in_1/", "invoices/in_1/pdf/"]
FORMS = ["subscription/", "payment-details/", "change/", "cancellation/", "cancellation/withdrawal/", "fapiao/"]
GIVEN = {
    "choice": "chain.month", "stores": 3, "currency": "CNY", "token": "x", "kind": "general", "title": "Acme",
    "email": "a@acme.test",
}  # fmt: skip


def kept() -> Any:
    with outside_chains():
        return list(Account.objects.values()), list(Chain.objects.order_by("pk").values())


def invoice(account: Account, number: int, **fields: Any) -> None:
    with outside_chains():
        Invoice.objects.create(
            **{
                "id": f"in_{number}",
                "account": account,
                "number": f"R-{number:04}",
                "status": "paid",
                "currency": "CNY",
                "total": 597_00,
                "amount_paid": 597_00,
                "created_at": timezone.now() - timedelta(days=number),
                **fields,
            }
        )


@pytest.mark.parametrize("role", [role for role in User.Role.values if role not in {"owner", "operator"}])
def test_others_may_nothing(payer: Payer, role: str) -> None:
    client = signed_in(make_user("someone@acme.test", role=role), host="acme.localhost")
    before = kept()
    assert {client.get(f"/billing/{path}").status_code for path in (*READ, "fapiao/")} == {403}
    assert {client.post(f"/billing/{path}", GIVEN).status_code for path in FORMS} == {403}
    assert "Plan and billing" not in text_of(client.get("/team/roles/")).split("Roles and rights")[0]
    assert kept() == before
    assert not payer.stripe.calls("POST", "/v1/customers")


def test_strangers_and_other_chains_are_sent_to_sign_in(
    payer: Payer, anonymous_client: ChainClient, other_client: ChainClient
) -> None:
    before = kept()
    for stranger in (anonymous_client, other_client):
        for path in (*READ, *FORMS):
            response = stranger.post(f"/billing/{path}", GIVEN, headers={"host": "acme.localhost"})
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/sign-in/")
    assert kept() == before


def test_the_wrong_method(payer: Payer) -> None:
    only_read = set(READ) - {"subscription/", "change/", "cancellation/"}
    assert {payer.post(path).status_code for path in only_read} == {405}
    assert {payer.get(path).status_code for path in ("payment-details/", "cancellation/withdrawal/")} == {405}
    assert {payer.client.put(f"/billing/{path}").status_code for path in {*READ, *FORMS}} == {405}


@pytest.mark.parametrize("path", ["payment-details/", "change/", "cancellation/", "cancellation/withdrawal/"])
def test_what_needs_a_subscription_is_refused_without_one(payer: Payer, path: str) -> None:
    before = kept()[0][0]
    assert payer.post(path, **GIVEN).status_code in {302, 409}
    assert not payer.stripe.calls("POST", "/v1/subscriptions")
    assert {**kept()[0][0], "read_at": None} == {**before, "read_at": None}


def test_a_chain_without_an_account_is_told_so(chain: Chain, owner: User) -> None:
    client = signed_in(owner, host="acme.localhost")
    assert "No plan, no limits" in text_of(client.get("/billing/"))
    for path in FORMS:
        response = client.post(f"/billing/{path}", GIVEN)
        assert response.status_code == 404
        assert "This chain has no plan" in text_of(response)


def test_in_trial_it_says_until_when_and_what_it_would_cost(payer: Payer) -> None:
    page = text_of(payer.get())
    assert "In trial until" in page
    assert "What fits you now: Chain, 3 stores: ¥597 a month." in page
    assert "3 of 50" in page
    assert "There is no invoice yet." in page


def test_invoices_with_what_became_of_them(payer: Payer) -> None:
    account = payer.account
    invoice(account, 1, status="open", amount_paid=0)
    invoice(account, 2, amount_refunded=100_50)
    invoice(account, 3, is_disputed=True)
    page = payer.get()
    assert "¥597 to be paid Pay · PDF" in text_of(page)
    assert "paid ¥100.50 refunded" in text_of(page)
    assert "paid disputed" in text_of(page)
    assert 'href="/billing/invoices/in_2/pdf/"' in page.content.decode()


def test_more_in_use_than_was_paid_for_shows(payer: Payer) -> None:
    account = payer.account
    account.status, account.subscription_id = Account.Status.ACTIVE, "sub_1"
    account.plan, account.interval, account.quantity = "chain", "month", 2
    with outside_chains():
        account.save()
        save_access(account)
    page = payer.get()
    assert "3 of 2" in text_of(page)
    assert '<meter min="0" low="2" high="2" max="3" value="3" optimum="0"' in " ".join(page.content.decode().split())


def test_many_invoices_come_in_pages_with_few_queries(
    payer: Payer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    account = payer.account
    for number in range(30):
        invoice(account, number)
    payer.get()
    with django_assert_max_num_queries(12):
        first = payer.get()
    assert first.content.decode().count("/pdf/") == 24
    assert payer.get("?page=2").content.decode().count("/pdf/") == 6


def test_the_page_asks_stripe_for_nothing(payer: Payer) -> None:
    payer.stripe.ask("DELETE", "calls")
    payer.get()
    assert payer.stripe.calls() == []


def test_an_invoices_page_is_asked_for_when_it_is_wanted(late_payer: Payer) -> None:
    """Stripe's addresses of it do not hold for good."""
    late_payer.subscribe()
    [found] = late_payer.invoices()
    for path, address in {"": found.hosted_invoice_url, "pdf/": found.invoice_pdf}.items():
        response = late_payer.get(f"invoices/{found.id}/{path}")
        assert (response.status_code, response.headers["Location"]) == (302, address)
    late_payer.stripe.fault("status", "/v1/invoices", times=9, status=500)
    assert late_payer.get(f"invoices/{found.id}/").status_code == 503


def test_an_invoice_stripe_gave_up_is_led_to(payer: Payer) -> None:
    account = payer.account
    account.status, account.plan, account.subscription_id = Account.Status.CANCELED, "chain", "sub_1"
    account.past_due_since = timezone.now() - timedelta(days=9)
    account.period_ends_at = timezone.now() + timedelta(days=20)
    with outside_chains():
        account.save()
    for number, status in enumerate(("open", "uncollectible")):
        invoice(account, number, status=status, amount_paid=0)
        page = payer.get()
        assert "A payment is overdue since" in text_of(page)
        assert f'class="button primary" href="/billing/invoices/in_{number}/"' in page.content.decode()
        with outside_chains():
            account.invoices.update(status="void")


def test_an_invoice_of_a_period_that_is_over_is_not_asked_for(payer: Payer) -> None:
    """Paying it would give nothing."""
    account = payer.account
    account.status, account.plan, account.subscription_id = Account.Status.CANCELED, "chain", "sub_1"
    account.past_due_since = timezone.now() - timedelta(days=40)
    account.ended_at = timezone.now() - timedelta(days=30)
    account.period_ends_at = timezone.now() - timedelta(days=9)
    with outside_chains():
        account.save()
        save_access(account)
    invoice(account, 1, status="open", amount_paid=0)
    page = text_of(payer.get())
    assert "The subscription ended on" in page
    assert "Pay" not in page.replace("Payment", "")
    assert "¥597 no longer asked for View · PDF" in page


def test_a_price_of_no_plan_is_by_agreement(payer: Payer) -> None:
    account = payer.account
    account.status, account.plan, account.subscription_id = Account.Status.ACTIVE, "", "sub_1"
    with outside_chains():
        account.save()
    page = text_of(payer.get())
    assert "By agreement" in page
    assert "Change plan or stores" not in page
    assert "write to us to change it" in text_of(payer.get("change/"))


def test_invoices_of_another_chain_are_not_there(payer: Payer, other_account: Account) -> None:
    invoice(other_account, 9)
    assert {payer.get(f"invoices/in_9/{path}").status_code for path in ("", "pdf/")} == {404}
    assert not payer.stripe.calls("GET", "/v1/invoices/")
    assert "in_9" not in payer.get().content.decode()
    assert "R-0009" not in payer.get().content.decode()


def test_by_agreement(payer: Payer) -> None:
    account = payer.account
    account.agreement = {"stores": 500}
    with outside_chains():
        account.save(update_fields=["agreement"])
    page = text_of(payer.get())
    assert "Enterprise" in page
    assert "3 of 500" in page
    assert "Subscribe" not in page.replace("Subscriptions", "")


def test_a_suspended_chain_can_still_pay(payer: Payer, chain: Chain) -> None:
    with outside_chains():
        suspend_chain(chain, reason="")
    assert payer.post("subscription/", choice="chain.month", stores=3, currency="CNY").status_code == 302


def test_the_demo_says_that_no_money_moves(payer: Payer, settings: Settings) -> None:
    assert "no money moves" not in text_of(payer.get())
    settings.STRIPE_STANDIN_URL = "http://127.0.0.1:9/"
    assert "no money moves" in text_of(payer.get())
