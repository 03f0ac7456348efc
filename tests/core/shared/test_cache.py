"""The cache never gives one chain what another kept."""

import logging
import time

import pytest
from django.core.cache import cache, caches
from django_tenants.utils import tenant_context
from pytest_django import Settings
from redis.exceptions import RedisError

from core.shared.cache import delete_chain_keys
from core.shared.circuit_breaker import CircuitBreaker
from tenants.models import Chain
from tests.plugins.outages import OUTAGES, Servers


def test_keys_carry_the_schema(chain: Chain, other_chain: Chain) -> None:
    cache.set("figure", 1)
    with tenant_context(other_chain):
        assert cache.get("figure") is None
        cache.set("figure", 2)
    assert cache.get("figure") == 1


def test_what_a_real_cache_keeps_for_a_chain_is_forgotten(
    chain: Chain, other_chain: Chain, valkey_url: str, settings: Settings
) -> None:
    backend = "core.shared.cache.SharedCache"
    settings.CACHES = {"default": {**settings.CACHES["default"], "BACKEND": backend, "LOCATION": valkey_url}}
    cache.set_many({f"figure{number}": number for number in range(3)})
    with tenant_context(other_chain):
        cache.set("figure0", 5)
    assert delete_chain_keys(chain.schema_name) == 3
    assert cache.get("figure0") is None
    with tenant_context(other_chain):
        assert cache.get("figure0") == 5


@pytest.mark.parametrize("outage", OUTAGES)
def test_while_the_cache_fails_reads_find_nothing_and_writes_are_dropped(
    servers: Servers, outage: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache.set("figure", 1)
    servers.fail("cache", outage)
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            assert cache.get("figure", 7) == 7
            cache.set("figure", 2)
            assert not cache.delete("figure")
            assert (cache.get_many(["figure"]), cache.has_key("figure"), cache.touch("figure")) == ({}, False, False)
            assert cache.set_many({"figure": 2}) == ["figure"]
            cache.delete_many(["figure"])
    assert len([line for line in caplog.messages if "does not answer" in line]) == 1
    with pytest.raises(ValueError, match="cannot be counted"):
        cache.incr("figure")
    servers.come_back(outage)
    cache.set("figure", 3)
    assert cache.get("figure") == 3


@pytest.mark.parametrize("outage", OUTAGES)
def test_nobody_gets_a_lock_while_the_cache_fails(servers: Servers, outage: str) -> None:
    servers.fail("cache", outage)
    assert not cache.add("lock", 1)
    servers.come_back(outage)
    assert cache.add("lock", 1)
    assert not cache.add("lock", 1)


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_check_of_the_cache_says_the_truth_in_every_state(servers: Servers, outage: str) -> None:
    caches["default"].check()
    servers.fail("cache", outage)
    for _ in range(2):
        with pytest.raises(RedisError):
            caches["default"].check()
    with pytest.raises(RedisError):
        delete_chain_keys("acme")
    servers.come_back(outage)
    caches["default"].check()


def test_a_circuit_lets_one_caller_try_again() -> None:
    circuit = CircuitBreaker(seconds=0.05)
    assert circuit.allows()
    assert circuit.failed()
    assert not circuit.failed()
    assert not circuit.allows()
    time.sleep(0.06)
    assert [circuit.allows(), circuit.allows()] == [True, False]
    assert circuit.succeeded()
    assert [circuit.allows(), circuit.allows()] == [True, True]
