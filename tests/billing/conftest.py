"""Accounts of chains, outside any of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing.models import Account
from billing.services.access import open_account, save_access
from billing.stripe_catalogue import sync_plans
from core.accounts.models import User
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of
from tests.plugins.stripe import StripeServer

OWNER = "owner@acme.test"


@pytest.fixture
def account(chain: Chain) -> Iterator[Account]:
    """Of `acme`, in its trial; the test stands outside the chain, which has two owners and a manager."""
    make_user(OWNER, role=User.Role.OWNER)
    make_user("second@acme.test", role=User.Role.OWNER)
    make_user("manager@acme.test", role=User.Role.STORE_MANAGER)
    with outside_chains():
        yield open_account(chain=chain)


@pytest.fixture
def other_account(other_chain: Chain) -> Account:
    with tenant_context(other_chain):
        make_user("owner@other.test", role=User.Role.OWNER)
    with outside_chains():
        return open_account(chain=other_chain)


@pytest.fixture
def plans(stripe_server: StripeServer) -> StripeServer:
    """Sold at the stand-in."""
    sync_plans()
    return stripe_server


class Payer:
    """The owner of `acme` at the pages of billing, with the stand-in for Stripe behind them."""

    def __init__(self, client: ChainClient, stripe: StripeServer, account: Account, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.client = client
        self.stripe = stripe
        self._pk = account.pk

    @property
    def account(self) -> Account:
        with outside_chains():
            return Account.objects.select_related("chain").get(pk=self._pk)

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/billing/{path}")

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(f"/billing/{path}", form)

    def checkout(self, choice: str = "chain.month", stores: int = 3, currency: str = "CNY") -> str:
        """The address of Stripe's page."""
        response = self.post("subscription/", choice=choice, stores=stores, currency=currency)
        assert response.status_code == 302, text_of(response)
        return str(response.headers["Location"])

    def subscribe(self, choice: str = "chain.month", stores: int = 3, currency: str = "CNY", **payment: str) -> Account:
        place = self.stripe.pay(self.checkout(choice, stores, currency), **payment)
        assert place == "http://acme.localhost/billing/subscription/paid/"
        assert self.get("subscription/paid/").headers["Location"] == "/billing/"
        return self.account

    def offer(self, choice: str, stores: int) -> Any:
        """The page with the price of a change."""
        return self.get(f"change/?choice={choice}&stores={stores}")

    def confirm(self, page: Any) -> Any:
        offer = page.context["offer"]
        return self.post("change/", token=offer.token, choice=offer.order.choice, stores=offer.order.stores)

    def wait(self, days: float) -> None:
        """Stripe's time and ours."""
        now = self.stripe.advance(days=days)
        self._patch.setattr("billing.services.plan_changes.time", lambda: now)

    def subscription(self) -> stripe.Subscription:
        """As Stripe has it."""
        return self.stripe.client().v1.subscriptions.retrieve(self.account.subscription_id)

    def invoices(self) -> list[stripe.Invoice]:
        found = self.stripe.client().v1.invoices.list({"customer": self.account.customer_id or "", "limit": 100})
        return list(found.auto_paging_iter())


@pytest.fixture
def owner(chain: Chain) -> User:
    user = make_user(OWNER, role=User.Role.OWNER)
    User.objects.update(language="en")
    return user


@pytest.fixture
def payer(chain: Chain, owner: User, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> Payer:
    """Three stores are open, the trial is on, and the plans are at Stripe."""
    for code in ("S1", "S2", "S3"):
        open_store(code=code, name=code, city="上海", city_tier="一线", region="华东")
    with outside_chains():
        account = open_account(chain=chain)
        sync_plans()
    return Payer(signed_in(owner, host="acme.localhost"), stripe_server, account, monkeypatch)


@pytest.fixture
def late_payer(payer: Payer) -> Payer:
    """Whose trial is over."""
    account = payer.account
    account.trial_ends_at = timezone.now() - timedelta(days=1)
    with outside_chains():
        account.save(update_fields=["trial_ends_at"])
        save_access(account)
    return payer
