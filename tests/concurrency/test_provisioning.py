"""Chains are made wholly or not at all, however many at once and whoever is killed; and the hundredth as fast."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain
from tenants.provisioning import create_chain, drop_chain
from tests.plugins import server
from tests.plugins.at_once import at_once

KILLS = 25
NOTHING, WHOLE = (0, 0, 0, 0), (1, 1, 2, 1)


@pytest.fixture
def dropped_afterwards(make_committed_chain: Callable[..., Chain]) -> Iterator[None]:
    before = set(Chain.objects.values_list("pk", flat=True))
    yield
    for chain in Chain.objects.exclude(pk__in=before):
        drop_chain(chain)


def traces(schema: str) -> tuple[int, ...]:
    """What there is of a chain: its row, its address, its roles, its schema."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        query = (
            "SELECT (SELECT count(*) FROM tenants_chain WHERE schema_name = %(schema)s),"
            " (SELECT count(*) FROM tenants_domain WHERE domain = %(schema)s || '.localhost'),"
            " (SELECT count(*) FROM pg_roles"
            "  WHERE starts_with(rolname, current_database() || '__' || %(schema)s || '__')),"
            " (SELECT count(*) FROM pg_namespace WHERE nspname = %(schema)s)"
        )
        return admin.execute(query, {"schema": schema}).fetchone() or ()


def wait_until_the_server_has_noticed() -> None:
    """It ends the statement it is at before it finds that nobody listens."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
        " AND xact_start IS NOT NULL"
    )
    deadline = time.monotonic() + 30
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as admin:
        while admin.execute(query, [server.LOGIN]).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_nothing_and_can_be_tried_again(dropped_afterwards: None) -> None:
    took = create_chain(schema="unharmed", name="Unharmed").seconds
    seed = random.randrange(1_000_000)
    moments = random.Random(seed)
    outcomes = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.kill_creations"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=server.CHECKOUT,
    ) as killer:
        assert killer.stdin
        assert killer.stdout
        for number in range(KILLS):
            # Now and then it is done already; the first is killed before it could begin.
            seconds = moments.uniform(0, 1.5 * took) if number else 0
            killer.stdin.write(f"killed{number} {seconds}\n")
            killer.stdin.flush()
            outcomes.append(killer.stdout.readline().strip())
            wait_until_the_server_has_noticed()
            found = traces(f"killed{number}")
            # Killed between the commit and its own end, it is whole.
            assert found == WHOLE if outcomes[-1] == "done" else found in {NOTHING, WHOLE}, (seed, number, seconds)
            if found == NOTHING:
                create_chain(schema=f"killed{number}", name="Tried again", owner_email="owner@example.com")
            else:
                with pytest.raises(AppError, match="is taken"):
                    create_chain(schema=f"killed{number}", name="Tried again")
        killer.stdin.close()
    assert outcomes.count("killed") >= KILLS // 4, (seed, outcomes)
    for number in range(KILLS):
        with tenant_context(Chain.objects.get(schema_name=f"killed{number}")):
            assert User.objects.get().email == "owner@example.com"


def made_at_once(requests: list[dict[str, Any]]) -> list[str]:
    """The schemas made, and the codes of refusals."""

    def make(request: dict[str, Any]) -> Callable[[], str]:
        return lambda: create_chain(**request).schema

    return sorted(at_once(*map(make, requests)))


def test_twenty_at_once_all_succeed(dropped_afterwards: None) -> None:
    wanted = sorted(f"atonce{number}" for number in range(20))
    assert made_at_once([{"schema": schema, "name": "At once"} for schema in wanted]) == wanted
    assert {traces(schema) for schema in wanted} == {WHOLE}


def test_of_twenty_for_one_name_exactly_one_succeeds(dropped_afterwards: None) -> None:
    assert made_at_once([{"schema": "atonce", "name": "At once"}] * 20) == ["atonce", *["schema_taken"] * 19]
    assert traces("atonce") == WHOLE


def test_of_twenty_for_one_address_exactly_one_succeeds(dropped_afterwards: None) -> None:
    wanted = [{"schema": f"atonce{n}", "name": "At once", "domain": "one.example.com"} for n in range(20)]
    outcomes = made_at_once(wanted)
    assert outcomes.count("domain_taken") == 19
    left = [traces(f"atonce{number}") for number in range(20)]
    assert sorted(left) == [NOTHING] * 19 + [(1, 0, 2, 1)]


@pytest.mark.slow
def test_a_hundred_in_a_row_show_no_slowdown(dropped_afterwards: None) -> None:
    create_chain(schema="warm", name="Warm")
    seconds = [create_chain(schema=f"row{number}", name="In a row").seconds for number in range(100)]
    # Twice as long would be a slowdown; the rest is for a machine at work on other things too.
    assert statistics.median(seconds[-20:]) < 2.5 * statistics.median(seconds[:20])
