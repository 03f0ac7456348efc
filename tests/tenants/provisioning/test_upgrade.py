"""Chains that lack migrations: found in a few queries, migrated one after another, a failing one left alone."""

import json

import pytest
from django.core.management import call_command
from django.db import connection as django_connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import migrations
from tenants.provisioning.migrations import chain_migrations, chains_behind
from tests.plugins.chains import outside_chains


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
    monkeypatch.setattr(migrations, "CHAINS_PER_QUERY", 2)
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
