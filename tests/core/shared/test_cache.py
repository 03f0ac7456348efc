"""The cache never gives one chain what another kept."""

from django.core.cache import cache
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.shared.cache import forget_chain
from tenants.models import Chain


def test_keys_carry_the_schema(chain: Chain, other_chain: Chain) -> None:
    cache.set("figure", 1)
    with tenant_context(other_chain):
        assert cache.get("figure") is None
        cache.set("figure", 2)
    assert cache.get("figure") == 1


def test_what_a_real_cache_keeps_for_a_chain_is_forgotten(
    chain: Chain, other_chain: Chain, valkey_url: str, settings: Settings
) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {**settings.CACHES["default"], "BACKEND": backend, "LOCATION": valkey_url}}
    cache.set_many({f"figure{number}": number for number in range(3)})
    with tenant_context(other_chain):
        cache.set("figure0", 5)
    assert forget_chain(chain.schema_name) == 3
    assert cache.get("figure0") is None
    with tenant_context(other_chain):
        assert cache.get("figure0") == 5
