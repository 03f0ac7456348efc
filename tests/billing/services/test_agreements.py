"""Enterprise: what was agreed with a chain takes the place of trial and subscription."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from billing.models import Account
from billing.plans import SOLO
from billing.services.agreements import end_agreement, set_agreement
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from core.shared.plans import Entitlements
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.billing.customers import TestCustomer
from tests.plugins.chains import outside_chains
from tests.plugins.stripe import StripeServer


def command(*words: str) -> Any:
    printed = StringIO()
    call_command("agree_plan", "--chain", "acme", "--json", *words, stdout=printed)
    return json.loads(printed.getvalue())


def test_what_is_agreed_holds_at_once_and_ends(account: Account) -> None:
    said = command("--stores", "2", "--messages", "90000")
    assert said["agreed"] | {"stores": 2, "messages": 90_000, "staff": None, "own_domain": True} == said["agreed"]
    chain = Chain.objects.get(pk=account.chain_id)
    assert (chain.entitlements.plan, chain.entitlements.stores, chain.writable_until) == ("enterprise", 2, None)
    with tenant_context(chain):
        for code in "AB":
            open_store(code=code, name=code, city="X", city_tier="一线", region="E")
        with pytest.raises(AppError, match="The plan covers 2 open stores"):
            open_store(code="C", name="C", city="X", city_tier="一线", region="E")
        assert AuditEntry.objects.filter(action="plan.agreed").get().after["stores"] == 2
    assert command("--end") == {"schema": "acme", "agreed": None}
    chain.refresh_from_db()
    assert (chain.entitlements.plan, chain.writable_until) == ("trial", account.trial_ends_at)
    with tenant_context(chain):
        assert AuditEntry.objects.filter(action="plan.agreed").count() == 2


def test_a_chain_made_by_command_can_have_one(chain: Chain) -> None:
    with outside_chains():
        assert set_agreement(chain=chain, entitlements=Entitlements(stores=5)).chain.entitlements.stores == 5


def test_nobody_pays_twice(account: Account, plans: StripeServer) -> None:
    customer = TestCustomer(account)
    customer.subscribe(SOLO, 1)
    kept = customer.read().chain.allowance
    with pytest.raises(CommandError, match="End it at Stripe first"):
        command("--stores", "5")
    account.refresh_from_db()
    assert (account.agreement, account.chain.allowance) == (None, kept)


@pytest.mark.parametrize("words", [["--stores", "0"], ["--stores", "many"], ["--shops", "3"], ["--stores", "-1"]])
def test_what_is_no_limit_is_refused(account: Account, words: list[str]) -> None:
    with pytest.raises((CommandError, SystemExit)):
        command(*words)
    account.refresh_from_db()
    assert account.agreement is None


def test_nothing_agreed_nothing_ended(account: Account) -> None:
    with pytest.raises(AppError, match="Nothing is agreed"):
        end_agreement(chain=account.chain)
    with pytest.raises(CommandError, match="takes no limits"):
        command("--end", "--stores", "3")
