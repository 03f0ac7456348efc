"""Accounts of chains, outside any of them."""

from collections.abc import Iterator

import pytest
from django_tenants.utils import tenant_context

from billing.catalogue import sync_plans
from billing.models import Account
from billing.services.accounts import open_account
from core.accounts.models import User
from tenants.models import Chain
from tests.plugins.chains import make_user, outside_chains
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
