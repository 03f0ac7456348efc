"""What is used of what plans limit, and what stands in the way of a smaller one."""

from django_tenants.utils import tenant_context

from billing.orders import Order, suggest_order
from billing.plans import CHAIN, SOLO
from billing.usage import Usage, get_usage, limit_violations
from core.staff.models import StaffMember
from core.stores.models import Store
from tenants.models import Chain, Domain
from tests.plugins.chains import outside_chains


def test_it_is_what_is_open_and_there(chain: Chain, store: Store, other_chain: Chain) -> None:
    StaffMember.objects.create(code="E1", name="E", store=store)
    Store.objects.create(code="X", name="X", closed_on="2020-01-01")
    with outside_chains():
        Domain.objects.create(domain="salon.example.com", tenant=chain, is_primary=False)
        Domain.objects.create(domain="elsewhere.example.com", tenant=other_chain, is_primary=False)
    assert get_usage(chain) == Usage(1, 1, ("salon.example.com",))
    with tenant_context(other_chain):
        assert get_usage(other_chain) == Usage(0, 0, ("elsewhere.example.com",))


def test_everything_that_has_to_be_reduced_is_said() -> None:
    found = limit_violations(SOLO, stores=1, usage=Usage(3, 20, ("salon.example.com",)))
    assert found == [
        "3 stores are open and 1 is covered: close 2 first.",
        "There are 20 staff and 15 are covered: 5 have to go first.",
        "A domain of your own is not part of it: remove salon.example.com first, under “Settings”.",
    ]
    assert limit_violations(CHAIN, stores=3, usage=Usage(3, 2000, ("salon.example.com",))) == []
    assert limit_violations(SOLO, stores=1, usage=Usage(1, 15, ())) == []


def test_the_smallest_that_fits_is_suggested() -> None:
    assert suggest_order(Usage(0, 0, ())) == Order(SOLO, "month", 1)
    assert suggest_order(Usage(1, 16, ())) == Order(CHAIN, "month", 1)
    assert suggest_order(Usage(4, 2, ())) == Order(CHAIN, "month", 4)
