"""What a process keeps about hosts is never what was before a change, whoever made it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from tenants import host_cache as module
from tenants.host_cache import HostCache
from tenants.models import Chain, Domain
from tenants.provisioning import drop_chain
from tests.plugins import server
from tests.plugins.chains import outside_chains

# An announcement takes a millisecond; a machine at work on much else may be slow to hand it on.
SECONDS_TO_HEAR = 5.0
AGAIN = """
WITH gone AS (DELETE FROM tenants_domain WHERE domain = %s RETURNING domain, is_primary, tenant_id)
INSERT INTO tenants_domain (domain, is_primary, tenant_id) SELECT * FROM gone
"""
CHILD = [sys.executable, "-m", "tests.tenants.query_host_cache"]


@pytest.fixture
def directory(make_committed_chain) -> HostCache:
    """A fresh one that listens already; its thread ends with the process."""
    fresh = HostCache()
    fresh.find_chain("nobody.localhost")
    until(fresh.is_trusted)
    return fresh


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_HEAR
    while not holds():
        assert time.monotonic() < deadline, "not heard in time"
        time.sleep(0.002)


def warm(directory: HostCache, host: str) -> None:
    """Until it is kept and every announcement of what the test did itself has come in."""
    quiet_since = time.monotonic()

    def quiet() -> bool:
        nonlocal quiet_since
        if queries_for(directory, host):
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > 0.1

    until(quiet)


def schema_at(directory: HostCache, host: str) -> str | None:
    chain = directory.find_chain(host)
    return chain.schema_name if chain else None


def queries_for(directory: HostCache, host: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        directory.find_chain(host)
    return len(queries)


@contextmanager
def elsewhere() -> Iterator[psycopg.Connection]:
    """As somebody with psql."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as admin:
        yield admin


def test_a_warm_lookup_asks_nothing(directory, make_committed_chain):
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    assert schema_at(directory, host) + ".localhost" == host
    warm(directory, "nobody.localhost")


def test_a_new_chain_is_found_where_nobody_was(directory, make_committed_chain):
    assert schema_at(directory, "newcomer.localhost") is None
    make_committed_chain(schema="newcomer")
    until(lambda: schema_at(directory, "newcomer.localhost") == "newcomer")


def test_a_renamed_address_changed_by_sql_elsewhere(directory, make_committed_chain):
    schema = make_committed_chain().schema_name
    assert schema_at(directory, f"{schema}.localhost") == schema
    with elsewhere() as psql:
        psql.execute(
            "UPDATE tenants_domain SET domain = 'renamed.localhost' WHERE domain = %s", [f"{schema}.localhost"]
        )
    until(lambda: schema_at(directory, f"{schema}.localhost") is None)
    assert schema_at(directory, "renamed.localhost") == schema


def test_changes_of_the_chain_itself(directory, make_committed_chain):
    chain = make_committed_chain()
    host = f"{chain.schema_name}.localhost"
    assert directory.find_chain(host).name == "Throwaway"
    Chain.objects.filter(pk=chain.pk).update(name="Another")
    until(lambda: directory.find_chain(host).name == "Another")


def test_an_old_address_sends_on_until_its_time_is_up_and_not_longer(directory, make_committed_chain):
    schema = make_committed_chain().schema_name
    soon = timezone.now() + timedelta(seconds=1)
    Domain.objects.create(
        domain="old.localhost", tenant=Chain.objects.get(schema_name=schema), is_primary=False, redirects_until=soon
    )
    warm(directory, f"{schema}.localhost")
    assert directory.find_chain("old.localhost").moved_to
    until(lambda: directory.find_chain("old.localhost") is None)
    assert timezone.now() >= soon


def test_a_change_that_is_rolled_back_is_none(directory, make_committed_chain):
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    with elsewhere() as psql, psql.transaction() as transaction:
        psql.execute("DELETE FROM tenants_domain")
        raise psycopg.Rollback(transaction)
    assert queries_for(directory, host) == 0


@pytest.mark.parametrize("forked", [[], ["--fork"]])
def test_another_process_forgets_a_dropped_chain(make_committed_chain, forked):
    chain = make_committed_chain()
    host = f"{chain.schema_name}.localhost"
    with subprocess.Popen(
        CHILD + forked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=server.CHECKOUT
    ) as child:

        def ask() -> list[str]:
            child.stdin.write(f"{host}\n")
            child.stdin.flush()
            return child.stdout.readline().split()

        assert ask()[0] == chain.schema_name
        until(lambda: ask() == [chain.schema_name, "0"])
        drop_chain(chain)
        until(lambda: ask()[0] == "nobody")
        make_committed_chain(schema=chain.schema_name, domain="elsewhere.localhost")
        assert ask()[0] == "nobody"
        child.stdin.close()


def test_while_it_cannot_hear_it_asks_each_time(directory, make_committed_chain):
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    with elsewhere() as psql:
        psql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = %s AND query = %s",
            [server.LOGIN, module.STATE_SQL],
        )
        until(lambda: not directory.is_trusted())
        assert queries_for(directory, host) == queries_for(directory, host) == 1
        psql.execute("UPDATE tenants_domain SET domain = 'moved.localhost' WHERE domain = %s", [host])
    assert schema_at(directory, host) is None
    until(directory.is_trusted)
    assert schema_at(directory, host) is None
    until(lambda: queries_for(directory, "moved.localhost") == 0)


def test_a_false_announcement_of_a_chains_role_makes_it_forget_nothing(directory, make_committed_chain, monkeypatch):
    chain, looks = make_committed_chain(), []
    host = f"{chain.schema_name}.localhost"
    warm(directory, host)
    look = module._fetch_state
    monkeypatch.setattr(module, "_fetch_state", lambda heard: looks.append(heard) or look(heard))
    kept, began = directory._entries, time.monotonic()
    with tenant_context(chain), connection.cursor() as cursor:
        for number in range(500):
            cursor.execute(f"NOTIFY {module.CHANNEL}, '{number}'")
    until(lambda: looks)
    assert directory._entries is kept
    assert queries_for(directory, host) == 0
    # However many there are, each listener of this process looks every now and then.
    assert max(map(looks.count, looks)) <= (time.monotonic() - began) / module.MIN_CHECK_INTERVAL + 2
    Chain.objects.filter(pk=chain.pk).update(name="Another")
    until(lambda: directory.find_chain(host).name == "Another")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tenants_domain SET domain = domain WHERE domain = %s",
        "DELETE FROM tenants_domain WHERE domain = %s",
        AGAIN,
    ],
)
def test_whatever_changed_the_state_differs(directory, make_committed_chain, change):
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    kept = directory._entries
    with elsewhere() as psql:
        psql.execute(change, [host])
    until(lambda: directory._entries is not kept)


def test_after_too_long_a_silence_nothing_kept_is_used(directory, make_committed_chain):
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    directory._trusted_until = time.monotonic()
    assert queries_for(directory, host) == 1


def test_an_answer_under_way_at_a_change_is_not_kept(directory, make_committed_chain, monkeypatch):
    host = f"{make_committed_chain().schema_name}.localhost"
    read = module._load_chain

    def slowly(host: str) -> Chain | None:
        old = read(host)
        before = directory._entries
        Domain.objects.filter(domain=host).update(domain="slow.localhost")
        until(lambda: directory._entries is not before)
        return old

    with monkeypatch.context() as patch:
        patch.setattr(module, "_load_chain", slowly)
        assert schema_at(directory, host)
    assert schema_at(directory, host) is None


def test_what_a_transaction_sees_is_not_kept(chain):
    directory = HostCache()
    with outside_chains():
        Domain(domain="inside.localhost", tenant=chain, is_primary=False).save()
        assert schema_at(directory, "inside.localhost") == "acme"
        Domain.objects.filter(domain="inside.localhost").delete()
        assert schema_at(directory, "inside.localhost") is None
    assert directory._entries is None
    assert directory._listener is None


def test_a_flood_of_unknown_hosts_fills_no_memory_and_drives_out_no_known_one(
    directory, make_committed_chain, monkeypatch
):
    monkeypatch.setattr(module, "MAX_HOSTS", 5)
    host = f"{make_committed_chain().schema_name}.localhost"
    warm(directory, host)
    for number in range(23):
        assert directory.find_chain(f"flood{number}.localhost") is None
    assert len(directory._entries.unknown) <= 5
    assert queries_for(directory, host) == 0
    assert queries_for(directory, "flood22.localhost") == 0
    assert queries_for(directory, "x" * 254) == 0


def test_who_gets_a_chain_may_change_it_for_himself_alone(directory, make_committed_chain):
    host = f"{make_committed_chain().schema_name}.localhost"
    directory.find_chain(host).name = "Mine"
    assert directory.find_chain(host).name == "Throwaway"
