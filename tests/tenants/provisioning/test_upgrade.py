"""Chains that lack migrations: found in a few queries, migrated several at a time, a failing one left alone."""

import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection as django_connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import versions
from tenants.provisioning.migrations import chain_migrations
from tenants.provisioning.versions import chains_behind, schema_versions
from tenants.provisioning.workers import WorkerProcess
from tests.plugins import server
from tests.plugins.chains import ChainClient, outside_chains


def as_owner(chain, statement):
    with tenant_context(chain), connection().as_owner(), connection().cursor() as cursor:
        cursor.execute(statement)


def take_back_sessions(chain, *, keep_table=False):
    """The chain as it was before django.contrib.sessions came; with the table kept, migrating fails on it."""
    if not keep_table:
        as_owner(chain, "DROP TABLE django_session")
    as_owner(chain, "DELETE FROM django_migrations WHERE app = 'sessions'")


def run(capsys, *arguments):
    """Exit status and the one document on standard output."""
    status = 0
    try:
        call_command("migrate_chains", "--json", *arguments)
    except SystemExit as stopped:
        status = stopped.code
    output = capsys.readouterr()
    return status, json.loads(output.out), output.err


def test_nothing_to_do(make_committed_chain, capsys):
    make_committed_chain()
    status, document, errors = run(capsys)
    assert status == 0
    assert document["chains"] == Chain.objects.count()
    assert (document["migrated"], document["failed"], document["behind"], errors) == (0, 0, [], "")
    assert document["seconds"] < 2


def test_a_chain_behind_is_migrated(make_committed_chain, capsys):
    behind, current = make_committed_chain(), make_committed_chain()
    take_back_sessions(behind)
    status, document, _errors = run(capsys, "--check")
    assert (status, document["behind"], document["migrated"]) == (1, [behind.schema_name], 0)
    status, document, errors = run(capsys)
    assert (status, document["migrated"], document["failed"]) == (0, 1, 0)
    assert f"[1/1] {behind.schema_name}" in errors
    with tenant_context(behind), connection().cursor() as cursor:
        # The new table came with the runtime role's rights.
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
    assert run(capsys, "--check")[0] == 0
    assert current.schema_name not in chains_behind()


def test_a_chain_that_fails_does_not_stop_the_others(make_committed_chain, capsys):
    failing, fine = sorted([make_committed_chain(), make_committed_chain()], key=lambda chain: chain.schema_name)
    take_back_sessions(failing, keep_table=True)
    take_back_sessions(fine)
    status, document, errors = run(capsys)
    assert (status, document["migrated"], document["failed"]) == (1, 1, 1)
    assert 'relation "django_session" already exists' in document["errors"][failing.schema_name]
    assert failing.schema_name in errors
    assert chains_behind() == [failing.schema_name]
    # Put right by hand, the next run goes on from there.
    as_owner(failing, "DROP TABLE django_session")
    assert run(capsys)[0] == 0


def test_a_chain_whose_schema_is_gone_is_reported(make_committed_chain, capsys):
    broken = make_committed_chain()
    as_owner(broken, "DROP TABLE django_migrations")
    status, document, _errors = run(capsys)
    assert (status, list(document["errors"])) == (1, [broken.schema_name])


def test_the_comparison_takes_as_many_queries_for_many_chains_as_for_one(make_committed_chain, monkeypatch):
    def queries():
        with CaptureQueriesContext(django_connection) as captured:
            chains_behind()
        return len(captured)

    make_committed_chain()
    one = queries()
    for _ in range(4):
        make_committed_chain()
    assert queries() == one
    monkeypatch.setattr(versions, "CHAINS_PER_QUERY", 2)
    take_back_sessions(last := make_committed_chain())
    assert chains_behind() == [last.schema_name]


def test_newer_migrations_than_this_code_knows_are_not_behind(make_committed_chain):
    chain = make_committed_chain()
    as_owner(chain, "INSERT INTO django_migrations (app, name, applied) VALUES ('visits', '9999_later', now())")
    assert chain.schema_name not in chains_behind()


def test_a_migration_recorded_twice_does_not_hide_a_missing_one(make_committed_chain):
    chain = make_committed_chain()
    take_back_sessions(chain)
    again = "INSERT INTO django_migrations (app, name, applied) SELECT app, name, now() FROM django_migrations LIMIT 1"
    as_owner(chain, again)
    assert chains_behind() == [chain.schema_name]


def test_a_chain_has_the_migrations_of_its_own_apps_alone(chain):
    apps = {app for app, _name in chain_migrations()}
    assert "visits" in apps
    assert apps.isdisjoint({"tenants", "contenttypes", "auth"})
    with connection().cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        assert cursor.fetchall() == chain_migrations()


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_words_for_people(make_committed_chain, capsys, arguments):
    make_committed_chain()
    call_command("migrate_chains", *arguments)
    with outside_chains():
        count = Chain.objects.count()
    expected = f"{count} chains, none behind" if arguments else f"{count} chains, 0 migrated, 0 failed"
    assert capsys.readouterr().out.startswith(expected)


# --- several at a time


@contextmanager
def blocked(chain):
    """Somebody is making the very table that the chain's migration makes: the migration waits."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as other:
        other.execute(f"CREATE TABLE {chain.schema_name}.django_session (x int)")
        yield
        other.rollback()


def start_command(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "config.cli", "migrate_chains", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=server.CHECKOUT,
    )


def test_workers_share_the_chains_and_one_that_fails_stops_no_other(make_committed_chain, capsys):
    chains = [make_committed_chain() for _ in range(5)]
    for chain in chains:
        take_back_sessions(chain, keep_table=chain is chains[2])
    status, document, errors = run(capsys, "--workers=3")
    assert (status, document["migrated"], document["failed"], document["workers"]) == (1, 4, 1, 3)
    assert 'relation "django_session" already exists' in document["errors"][chains[2].schema_name]
    assert f"{chains[2].schema_name} failed" in errors
    assert "[5/5]" in errors
    assert "chains/s, 0:00 left" in errors
    assert chains_behind() == [chains[2].schema_name]


def test_a_worker_that_is_killed_is_replaced(make_committed_chain):
    chains = [make_committed_chain(), make_committed_chain()]
    for chain in chains:
        take_back_sessions(chain)
    with WorkerProcess() as worker:
        with blocked(chains[0]):
            told = []
            thread = threading.Thread(target=lambda: told.append(worker.migrate(chains[0].schema_name)))
            thread.start()
            wait_until(lambda: waits(chains[0]))
            worker._process.kill()
            thread.join()
        assert told == ["The worker ended with status -9."]
        assert worker.migrate(chains[1].schema_name) is None
        assert worker.migrate(chains[0].schema_name) is None
    assert chains_behind() == []


def waits(chain):
    """Whether a migration of the chain waits for a lock."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        found = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%%session%%'"
        found += " AND datname = current_database()"
        return admin.execute(found).fetchone() is not None


def wait_until(holds):
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_killed_half_way_is_gone_on_with(make_committed_chain, capsys, workers):
    chains = sorted((make_committed_chain() for _ in range(4)), key=lambda chain: chain.schema_name)
    for chain in chains:
        take_back_sessions(chain)
    with blocked(chains[2]):
        command = start_command(f"--workers={workers}")
        wait_until(lambda: waits(chains[2]))
        command.send_signal(signal.SIGKILL)
        command.wait()
    # A worker process ends the chain it is at, and closes its output with that.
    command.communicate()
    assert not waits(chains[2])
    assert 1 <= len(chains_behind()) <= 3 or workers == "2"
    status, document, _errors = run(capsys)
    assert (status, document["failed"]) == (0, 0)
    assert chains_behind() == []
    for chain in chains:
        with tenant_context(chain), connection().cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'sessions'")
            assert cursor.fetchone() == (1,)


@pytest.mark.urls("tests.tenants.urls")
def test_the_site_answers_while_another_chain_migrates_slowly(make_committed_chain):
    slow, open_for_business = make_committed_chain(), make_committed_chain()
    take_back_sessions(slow)
    with blocked(slow):
        command = start_command()
        wait_until(lambda: waits(slow))
        answer = ChainClient(headers={"host": f"{open_for_business.schema_name}.localhost"}).get("/")
        own_answer = ChainClient(headers={"host": f"{slow.schema_name}.localhost"}).get("/")
        assert waits(slow)
    assert answer.content == f"AnonymousUser in {open_for_business.schema_name}".encode()
    assert own_answer.content == f"AnonymousUser in {slow.schema_name}".encode()
    output, errors = command.communicate(timeout=30)
    assert command.returncode == 0, errors
    assert "1 migrated, 0 failed" in output


def test_a_table_in_use_is_waited_for_in_short_turns(make_committed_chain, monkeypatch, capsys):
    """So that those who come after the migration are held up for no longer than one turn."""
    monkeypatch.setattr("tenants.provisioning.migrations.LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr("tenants.provisioning.migrations.RETRY_SECONDS", 0.05)
    chain = make_committed_chain()
    take_back_sessions(chain)
    with blocked(chain):
        status, document, _errors = run(capsys)
        assert (status, document["failed"]) == (1, 1)
        assert "lock timeout" in document["errors"][chain.schema_name]
        release = threading.Event()
    held = threading.Thread(target=hold, args=[chain, release])
    held.start()
    wait_until(lambda: held_by_another(chain))
    threading.Timer(0.3, release.set).start()
    assert run(capsys)[1]["migrated"] == 1
    held.join()


def hold(chain, release):
    with blocked(chain):
        release.wait(30)


def held_by_another(chain):
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        found = "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE %s"
        return admin.execute(found, [f"CREATE TABLE {chain.schema_name}.%"]).fetchone() is not None


def test_an_index_that_failed_half_way_is_not_in_the_way(make_committed_chain, capsys):
    chain = make_committed_chain()
    schema = chain.schema_name
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as admin:
        admin.execute(f"INSERT INTO {schema}.stores_city (name, tier, region) VALUES ('A', 'x', ''), ('B', 'x', '')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            admin.execute(f"CREATE UNIQUE INDEX CONCURRENTLY half ON {schema}.stores_city (tier)")
        take_back_sessions(chain)
        assert run(capsys)[0] == 0
        assert not admin.execute("SELECT 1 FROM pg_class WHERE relname = 'half'").fetchone()


def test_where_every_chain_stands(make_committed_chain):
    behind, ahead, gone = sorted((make_committed_chain() for _ in range(3)), key=lambda chain: chain.schema_name)
    take_back_sessions(behind)
    as_owner(ahead, "INSERT INTO django_migrations (app, name, applied) VALUES ('visits', '9999_later', now())")
    as_owner(gone, "DROP TABLE django_migrations")
    found = {version.schema: version for version in schema_versions()}
    assert found[behind.schema_name].missing == ("sessions 0001_initial",)
    assert found[ahead.schema_name].missing == ()
    assert found[ahead.schema_name].migrated_at >= found[behind.schema_name].migrated_at
    assert len(found[gone.schema_name].missing) == len(chain_migrations())
    assert found[gone.schema_name].migrated_at is None


@pytest.mark.parametrize("workers", ["0", "many"])
def test_a_wrong_number_of_workers(workers):
    command = start_command(f"--workers={workers}")
    assert "--workers" in command.communicate(timeout=30)[1]
    assert command.returncode == 2
