"""The plans at Stripe."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from billing import plans, stripe_catalogue
from billing.models import Account
from billing.plans import CHAIN, CURRENCIES, INTERVALS, PLANS, SOLO, Tier, lookup_key
from billing.services import access
from billing.stripe_catalogue import find_price_id, sync_plans
from tenants.models import Chain
from tests.plugins.stripe import StripeServer

pytestmark = pytest.mark.usefixtures("db")
HOW_MANY = len(PLANS) * len(CURRENCIES) * len(INTERVALS)


def test_each_price_is_there_once_and_a_second_run_changes_nothing(stripe_server: StripeServer) -> None:
    first = sync_plans()
    assert (len(first.products), len(first.prices), first.retired) == (2, HOW_MANY, [])
    stripe_server.ask("DELETE", "calls")
    second = sync_plans()
    assert (second.products, second.prices, second.retired, second.unchanged) == ([], [], [], HOW_MANY)
    assert not stripe_server.calls("POST")


def test_they_cost_there_what_they_cost_here(stripe_server: StripeServer) -> None:
    sync_plans()
    prices = stripe_server.client().v1.prices
    solo = prices.retrieve(find_price_id(SOLO, "CNY", "year"))
    assert (solo.unit_amount, solo.currency, solo.recurring and solo.recurring.interval) == (99_00 * 10, "cny", "year")
    chain = prices.retrieve(find_price_id(CHAIN, "EUR", "month"), {"expand": ["tiers"]})
    assert [(tier.up_to, tier.unit_amount) for tier in chain.tiers or []] == [
        (10, 35_00), (50, 27_00), (None, 17_00),
    ]  # fmt: skip


def test_a_new_figure_is_a_new_price_and_the_old_one_is_no_longer_sold(
    stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_plans()
    old = find_price_id(SOLO, "USD", "month")
    dearer = replace(SOLO, tiers=(Tier(None, {**SOLO.tiers[0].unit_amounts, "USD": 21_00}),))
    monkeypatch.setattr(stripe_catalogue, "PLANS", {**PLANS, "solo": dearer})
    done = sync_plans()
    assert sorted(done.prices) == [lookup_key(SOLO, "USD", "month"), lookup_key(SOLO, "USD", "year")]
    assert old in done.retired
    new = stripe_server.client().v1.prices.retrieve(find_price_id(SOLO, "USD", "month"))
    assert (new.id != old, new.unit_amount) == (True, 21_00)
    assert not stripe_server.client().v1.prices.retrieve(old).active
    assert sync_plans().prices == []


@pytest.mark.parametrize("kind", ["status", "close_before", "close_after", "half"])
@pytest.mark.parametrize("skip", [0, 3, 7])
def test_a_run_that_is_broken_off_is_made_good_by_the_next(stripe_server: StripeServer, kind: str, skip: int) -> None:
    # More often than the library tries again.
    stripe_server.fault(kind, "/v1/", method="POST", skip=skip, times=9)
    with pytest.raises(CommandError, match="Stripe"):
        call_command("sync_plans")
    stripe_server.ask("DELETE", "faults")
    sync_plans()
    assert sync_plans().unchanged == HOW_MANY
    on_sale = list(stripe_server.client().v1.prices.list({"active": True, "limit": 100}).auto_paging_iter())
    assert len(on_sale) == HOW_MANY


def test_what_chains_may_do_is_worked_out_anew(
    account: Account, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_plans()
    monkeypatch.setattr("billing.services.access.TRIAL", replace(plans.TRIAL, stores=70))
    assert sync_plans().accounts == 1
    assert Chain.objects.get(pk=account.chain_id).entitlements.stores == 70
    assert sync_plans().accounts == 0


def test_what_is_paid_while_it_is_worked_out_is_not_undone(
    account: Account, other_account: Account, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = access.save_access

    def meanwhile(first: Account) -> bool:
        monkeypatch.setattr(access, "save_access", real)
        Account.objects.filter(pk=other_account.pk).update(status="active", plan="chain", quantity=3)
        real(Account.objects.select_related("chain").get(pk=other_account.pk))
        return real(first)

    monkeypatch.setattr(access, "TRIAL", replace(plans.TRIAL, stores=70))
    monkeypatch.setattr(access, "save_access", meanwhile)
    sync_plans()
    assert Chain.objects.get(pk=account.chain_id).entitlements.stores == 70
    paying = Chain.objects.get(pk=other_account.chain_id)
    assert (paying.entitlements.stores, paying.writable_until) == (3, None)


def test_the_command_says_what_it_did(stripe_server: StripeServer) -> None:
    out = StringIO()
    call_command("sync_plans", json=True, stdout=out)
    assert len(json.loads(out.getvalue())["prices"]) == HOW_MANY
    call_command("sync_plans", stdout=out)
    assert f"{HOW_MANY} prices unchanged" in out.getvalue()


def test_without_a_key_it_is_refused(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="no payment provider") as refused:
        call_command("sync_plans")
    assert refused.value.returncode == 1
