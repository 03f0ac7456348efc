"""Whatever differs between Stripe and us is found, fixed and named."""

import json
from typing import Any

import pytest
import stripe
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from billing.models import Account, Closing, RevenueChange, StripeEvent
from billing.plans import CHAIN, SOLO
from billing.reconcile import _without_plan, reconcile
from tests.billing.customers import FAILS_LATER, TestCustomer
from tests.plugins.stripe import StripeServer


@pytest.fixture
def customer(account: Account, plans: StripeServer) -> TestCustomer:
    """Has a subscription, and all events about it have been heard."""
    made = TestCustomer(account)
    made.subscribe(CHAIN, 3)
    reconcile()
    return made


def kept(account: Account) -> dict[str, Any]:
    found = Account.objects.values().get(pk=account.pk)
    return {name: value for name, value in found.items() if name != "read_at"}


def tamper(account: Account, **fields: Any) -> None:
    Account.objects.filter(pk=account.pk).update(**fields)


def test_events_that_never_came_are_fetched(account: Account, plans: StripeServer) -> None:
    customer = TestCustomer(account)
    customer.subscribe(CHAIN, 3)
    report = reconcile()
    assert report.events_fetched == StripeEvent.objects.count() > 10
    assert Account.objects.get(pk=account.pk).quantity == 3
    # Known ones are not fetched twice.
    assert reconcile().events_fetched == 0


def test_where_nothing_differs_nothing_is_done(customer: TestCustomer, plans: StripeServer) -> None:
    before = kept(customer.account)
    plans.ask("DELETE", "calls")
    report = reconcile()
    assert (report.accounts, report.fixed, report.failed, report.without_chain) == (1, {}, {}, [])
    assert kept(customer.account) == before
    assert RevenueChange.objects.count() == 1


def test_the_number_of_calls_does_not_grow_with_accounts(
    customer: TestCustomer, other_account: Account, plans: StripeServer
) -> None:
    plans.ask("DELETE", "calls")
    reconcile()
    alone = len(plans.calls())
    TestCustomer(other_account).subscribe(SOLO, 1)
    reconcile()
    plans.ask("DELETE", "calls")
    assert reconcile().accounts == 2
    assert len(plans.calls()) == alone == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "canceled"},
        {"quantity": 9},
        {"plan": "solo"},
        {"interval": "year"},
        {"currency": "USD"},
        {"monthly_amount": 1},
        {"period_ends_at": None},
        {"subscription_id": "sub_other"},
        {"status": "", "subscription_id": "", "monthly_amount": 0, "currency": "", "plan": "", "quantity": 0},
    ],
)
def test_what_differs_in_an_account(customer: TestCustomer, fields: dict[str, Any]) -> None:
    wanted = kept(customer.account)
    tamper(customer.account, **fields)
    report = reconcile()
    assert set(report.fixed["acme"]) == set(fields)
    assert kept(customer.account) == wanted
    assert reconcile().fixed == {}


def test_since_when_something_is_owed(customer: TestCustomer) -> None:
    """Of which the subscription alone does not tell."""
    tamper(customer.account, past_due_since=timezone.now())
    assert set(reconcile().fixed["acme"]) == {"past_due_since"}
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    reconcile()
    wanted = kept(customer.account)
    assert wanted["past_due_since"] is not None
    tamper(customer.account, past_due_since=None)
    assert set(reconcile().fixed["acme"]) == {"past_due_since"}
    assert kept(customer.account) == wanted


def test_what_differs_in_invoices(customer: TestCustomer) -> None:
    invoice = customer.account.invoices.get()
    customer.account.invoices.update(amount_refunded=5)
    assert set(reconcile().fixed["acme"]) == {invoice.pk}
    customer.account.invoices.all().delete()
    assert set(reconcile().fixed["acme"]) == {invoice.pk}
    assert customer.account.invoices.get().amount_refunded == 0


def test_a_refund_of_which_no_event_came(customer: TestCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    charge = customer.api.charges.list({"customer": customer.id}).data[0]
    customer.api.refunds.create({"charge": charge.id, "amount": 7})
    monkeypatch.setattr("billing.reconcile.fetch_missed_events", lambda: 0)
    assert "acme" in reconcile().fixed
    assert customer.account.invoices.get().amount_refunded == 7


def test_what_the_chain_may_do(customer: TestCustomer, other_account: Account) -> None:
    for account in (customer.account, other_account):
        account.chain.allowance = {"stores": 1}
        account.chain.save(update_fields=["allowance"])
    assert reconcile().fixed == {"acme": {"access": []}, "other": {"access": []}}
    assert Account.objects.select_related("chain").get(pk=customer.account.pk).chain.allowance["stores"] == 3


def test_a_customer_deleted_at_stripe(customer: TestCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    customer.api.customers.delete(customer.id)
    monkeypatch.setattr("billing.reconcile.fetch_missed_events", lambda: 0)
    assert reconcile().fixed["acme"]["status"] == ["active", "canceled"]
    assert Account.objects.get(pk=customer.account.pk).customer_id is None


def test_a_customer_stripe_never_had_is_reported_and_left(customer: TestCustomer) -> None:
    """As where the key is that of another account: nothing is taken from anyone."""
    tamper(customer.account, customer_id="cus_nobody")
    before = kept(customer.account)
    report = reconcile()
    assert report.unknown_at_stripe == ["acme"]
    assert report.without_chain == [customer.id]
    assert kept(customer.account) == before


def test_erased_chains_are_closed(customer: TestCustomer, plans: StripeServer) -> None:
    tamper(customer.account, customer_id=None)
    Closing.objects.create(customer_id=customer.id)
    report = reconcile()
    assert (report.closed, report.without_chain) == (1, [])


def test_chains_that_are_erased_meanwhile_do_not_stop_it(
    customer: TestCustomer, other_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing import reconcile as module

    TestCustomer(other_account).subscribe(SOLO, 1)
    reconcile()

    def erased(account: Account, _found: list[stripe.Subscription]) -> bool:
        Account.objects.filter(pk=account.pk).delete()
        return account.pk == other_account.pk

    monkeypatch.setattr(module, "_differs", erased)
    report = reconcile()
    assert (report.accounts, report.failed, report.fixed) == (2, {}, {})


def test_one_that_fails_does_not_stop_the_others(
    customer: TestCustomer, other_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing import reconcile as module

    TestCustomer(other_account).subscribe(SOLO, 1)
    reconcile()
    for account in (customer.account, other_account):
        tamper(account, quantity=9)
    real = module.refresh_account

    def broken_for_one(*, account_id: int) -> Account:
        if account_id == customer.account.pk:
            raise stripe.RateLimitError("slow down")
        return real(account_id=account_id)

    monkeypatch.setattr(module, "refresh_account", broken_for_one)
    report = reconcile()
    assert report.failed == {"acme": "RateLimitError"}
    assert set(report.fixed) == {"other"}


def test_the_command(customer: TestCustomer, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(customer.account, quantity=9)
    call_command("reconcile_billing", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["accounts"], said["fixed"]) == (1, {"acme": {"quantity": ["9", "3"]}})
    tamper(customer.account, quantity=9)
    call_command("reconcile_billing")
    assert "acme: quantity: 9 → 3" in capsys.readouterr().out


def test_the_command_where_someone_has_to_look(customer: TestCustomer, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(customer.account, customer_id="cus_nobody")
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_billing")
    assert ended.value.code == 1
    assert "Stripe has no such customer" in capsys.readouterr().err


def test_the_command_without_a_key_or_without_stripe(
    account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="no payment provider"):
        call_command("reconcile_billing")
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_x", "http://127.0.0.1:9"
    monkeypatch.setattr("billing.gateway.MAX_RETRIES", 0)
    with pytest.raises(CommandError, match="APIConnectionError"):
        call_command("reconcile_billing")


def test_a_chain_that_pays_a_price_of_no_plan_is_named(customer: TestCustomer) -> None:
    tamper(customer.account, plan="")
    assert _without_plan() == [customer.account.chain.schema_name]
    tamper(customer.account, agreement={"stores": 5})
    assert _without_plan() == []
