"""Limits hold to the number, whoever comes at the same moment, and while the cache fails."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from core.shared.rate_limits import counted_if_done, is_over_limit
from tests.plugins.at_once import at_once
from tests.plugins.outages import OUTAGES, Servers


def passes(_number: int = 0) -> bool:
    return not is_over_limit("knock", "203.0.113.9", times=10, seconds=60)


def test_of_many_at_the_same_moment_exactly_as_many_pass_as_are_allowed(servers: Servers, db: None) -> None:
    assert at_once(*[passes] * 24).count(True) == 10
    assert not passes()


def test_the_limit_is_one_for_all_processes(servers: Servers) -> None:
    code = (
        "import django; django.setup();"
        "from core.shared.rate_limits import is_over_limit;"
        "print(sum(not is_over_limit('knock', '203.0.113.9', times=10, seconds=60) for _ in range(8)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "CACHE_URL": servers.valkey.cache_url}
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) for _ in "12"]
    assert sum(int(one.communicate(timeout=120)[0]) for one in started) == 10


def test_what_fails_is_given_back(servers: Servers) -> None:
    seen = []
    for failing in [True] * 5 + [False] * 4:
        with suppress(LookupError), counted_if_done("deed", "a", times=2, seconds=60) as allowed:
            seen.append(allowed)
            if failing:
                raise LookupError
    assert seen == [True] * 7 + [False] * 2


@pytest.mark.parametrize("outage", OUTAGES)
def test_while_the_cache_fails_each_process_counts_for_itself(servers: Servers, outage: str, db: None) -> None:
    servers.fail("cache", outage)
    assert at_once(*[passes] * 24).count(True) == 10
    assert not passes()
    servers.come_back(outage)
    assert passes()
