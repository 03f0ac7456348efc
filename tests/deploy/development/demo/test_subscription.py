"""The demo's chain that pays."""

from billing.models import Account, Invoice
from billing.stripe_catalogue import sync_plans
from core.stores.services.stores import open_store
from deploy.development.demo.subscription import subscribe_chain
from tenants.models import Chain
from tests.plugins.chains import outside_chains
from tests.plugins.stripe import StripeServer


def test_it_pays_for_its_stores_once(chain: Chain, stripe_server: StripeServer) -> None:
    for code in "AB":
        open_store(code=code, name=code, city="X", city_tier="一线", region="E")
    with outside_chains():
        sync_plans()
        account = subscribe_chain(schema="acme", currency="USD")
        assert account is not None
        assert (account.status, account.quantity, account.monthly_amount) == ("active", 2, 2 * 39_00)
        assert [invoice.status for invoice in Invoice.objects.filter(account=account)] == ["paid"]
        assert account.chain.entitlements.stores == 2
        assert subscribe_chain(schema="acme", currency="USD") is None
        assert Account.objects.filter(chain=chain).count() == 1
    assert len(stripe_server.client().v1.customers.list().data) == 1


def test_a_chain_that_is_not_there(chain: Chain, stripe_server: StripeServer) -> None:
    with outside_chains():
        sync_plans()
        assert subscribe_chain(schema="nobody", currency="USD") is None
