"""The cache never gives one chain what another kept."""

from django.core.cache import cache
from django_tenants.utils import tenant_context

from tenants.models import Chain


def test_keys_carry_the_schema(chain: Chain, other_chain: Chain) -> None:
    cache.set("figure", 1)
    with tenant_context(other_chain):
        assert cache.get("figure") is None
        cache.set("figure", 2)
    assert cache.get("figure") == 1
