"""What an attacker's expression, put into a query of ours, can reach: nothing but the chain's own rows."""

import threading

import pytest
from django.db import DatabaseError, transaction
from django.db.models.expressions import RawSQL
from django_tenants.utils import tenant_context

from core.clients.models import Client
from tenants.postgresql_backend.current import connection
from tenants.roles import role_name
from tests.plugins.chains import outside_chains

DENIED = "permission denied"
# Older servers say it in other words.
REFUSED = "permission denied|must be (a )?(superuser|member)"
INJECTED = [
    ("SELECT count(*) FROM other.clients_client", DENIED),
    ("SELECT string_agg(email, ',') FROM \"other\".accounts_user", DENIED),
    ("SELECT count(*) FROM public.tenants_chain", DENIED),
    ("SELECT string_agg(email, ',') FROM public.accounts_user", DENIED),
    ("SELECT count(*) FROM tenants_chain", "does not exist"),
    ("SELECT rolpassword FROM pg_authid LIMIT 1", DENIED),
    ("SELECT set_config('role', '{login}', false)", DENIED),
    ("SELECT set_config('role', '{other_run}', true)", DENIED),
    ("SELECT set_config('role', 'none', false)", DENIED),
    ("SELECT pg_catalog.set_config('search_path', 'other', false)", DENIED),
    ("SELECT pg_catalog.set_config('statement_timeout', '0', false)", DENIED),
    ("SELECT query_to_xml('SET ROLE {other_run}', true, true, '')::text", DENIED),
    ("SELECT query_to_xml('RESET ROLE', true, true, '')::text", DENIED),
    ("SELECT query_to_xml('SELECT * FROM other.clients_client', true, true, '')::text", DENIED),
    ("SELECT table_to_xml('public.tenants_chain', true, true, '')::text", DENIED),
    ("SELECT word FROM ts_stat('SELECT to_tsvector(email) FROM public.accounts_user') LIMIT 1", DENIED),
    ("SELECT word FROM ts_stat('SET ROLE {login}') LIMIT 1", DENIED),
    ("SELECT lo_create(0)", DENIED),
    ("SELECT lo_from_bytea(0, 'kept outside any schema')", DENIED),
    ("SELECT pg_read_file('PG_VERSION')", DENIED),
    ("SELECT pg_ls_dir('.')", DENIED),
    ("SELECT pg_reload_conf()", DENIED),
    ("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()", REFUSED),
    ("SELECT dblink('dbname=postgres', 'SELECT 1')", "does not exist"),
    ("SELECT string_agg(nspname, ',') FROM pg_namespace", DENIED),
    ("SELECT string_agg(relname || reltuples, ',') FROM pg_catalog.pg_class", DENIED),
    ("SELECT string_agg(rolname, ',') FROM pg_roles", DENIED),
    ("SELECT string_agg(datname, ',') FROM pg_database", DENIED),
    ("SELECT string_agg(schemaname, ',') FROM pg_tables", DENIED),
    ("SELECT string_agg(schemaname || n_live_tup, ',') FROM pg_stat_user_tables", DENIED),
    ("SELECT string_agg(usename || query, ',') FROM pg_stat_activity", DENIED),
    ("SELECT string_agg(objid::text, ',') FROM pg_locks WHERE locktype = 'advisory'", DENIED),
    ("SELECT string_agg(most_common_vals::text, ',') FROM pg_stats", DENIED),
    ("SELECT sum(pg_stat_get_live_tuples(x::oid)) FROM generate_series(16384, 30000) x", DENIED),
    ("SELECT sum(pg_total_relation_size(x::oid)) FROM generate_series(16384, 30000) x", DENIED),
    ("SELECT pg_database_size(current_database())", DENIED),
    ("SELECT count(*) FROM pg_lock_status()", DENIED),
    ("SELECT pg_notify('chains_changed', '')::text", DENIED),
    ("SELECT count(pg_advisory_lock(x)) FROM generate_series(1, 1000000) x", DENIED),
    ("SELECT pg_try_advisory_xact_lock_shared(1, 2)", DENIED),
    ("SELECT pg_advisory_unlock_all()::text", DENIED),
    ("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))", DENIED),
    ("SELECT 1); SELECT set_config('role', 'none', false) --", "multiple commands|permission denied"),
    ("SELECT 1); SET ROLE NONE; --", "multiple commands"),
    ("SELECT 1); DROP TABLE clients_client; --", "multiple commands"),
    ("WITH gone AS (DELETE FROM clients_client RETURNING 1) SELECT count(*) FROM gone", "top level"),
]
STATEMENTS = [
    ("CREATE TABLE mine (x int)", DENIED),
    ("CREATE TABLE public.mine (x int)", DENIED),
    ("CREATE TABLE ext.mine (x int)", DENIED),
    ("CREATE TABLE other.mine (x int)", DENIED),
    ("CREATE SCHEMA mine", DENIED),
    ("CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", DENIED),
    ("CREATE EXTENSION dblink", DENIED),
    ("CREATE ROLE mine", DENIED),
    ("ALTER TABLE clients_client ADD COLUMN mine int", "must be owner"),
    ("DROP TABLE clients_client", "must be owner"),
    ("TRUNCATE clients_client", DENIED),
    ("ALTER ROLE {login} SUPERUSER", REFUSED),
    ("COPY clients_client TO PROGRAM 'cat'", REFUSED),
    ("UPDATE pg_settings SET setting = 'none' WHERE name = 'role'", DENIED),
    ("INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())", DENIED),
    ("DELETE FROM django_migrations", DENIED),
]


def run_role(schema):
    return role_name(database=connection().settings_dict["NAME"], schema=schema, kind="run")


def filled(text):
    return text.format(login=connection().settings_dict["USER"], other_run=run_role("other"))


def current_role():
    with connection().cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.fixture
def someone(chain):
    return Client.objects.create(ref="C1", name="Someone")


@pytest.mark.parametrize(("expression", "refusal"), INJECTED)
@pytest.mark.parametrize("with_parameters", [False, True])
def test_injected_expression(someone, other_chain, expression, refusal, with_parameters):
    looking = Client.objects.annotate(x=RawSQL(filled(expression), []))  # noqa: S611 - the attack itself
    if with_parameters:
        looking = looking.filter(ref="C1")
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        list(looking.values_list("x"))
    assert current_role() == run_role("acme")
    assert list(Client.objects.values_list("ref")) == [("C1",)]


@pytest.mark.parametrize(("expression", "refusal"), INJECTED)
def test_injected_order_without_any_parameter(someone, other_chain, expression, refusal):
    statement = f"SELECT id FROM clients_client ORDER BY ({filled(expression)})"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute(statement)
    assert current_role() == run_role("acme")


@pytest.mark.parametrize(("statement", "refusal"), STATEMENTS)
def test_the_runtime_role_only_touches_rows(chain, other_chain, statement, refusal):
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute(filled(statement))


def test_the_runtime_role_stages_rows_in_temporary_tables(chain):
    with connection().cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE staged (x int) ON COMMIT DROP")
        with cursor.copy("COPY staged FROM STDIN") as copy:
            copy.write_row([7])
        cursor.execute("SELECT x FROM staged")
        assert cursor.fetchall() == [(7,)]


def test_a_temporary_table_does_not_stand_in_for_a_real_one(someone):
    with connection().cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE clients_client (id bigint) ON COMMIT DROP")
    assert Client.objects.count() == 1


def test_roles_have_no_rights_of_their_own(chain, other_chain):
    with outside_chains(), connection().cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls"
            " OR rolinherit), count(*) FROM pg_roles WHERE starts_with(rolname, current_database() || '__')"
        )
        assert cursor.fetchone()[0] is False
        cursor.execute(
            "SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n"
            " WHERE r.rolname = ANY(%s) AND has_schema_privilege(r.oid, n.oid, 'USAGE')"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            " AND n.nspname NOT LIKE 'pg\\_temp%%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp%%' ORDER BY 1, 2",
            [[run_role("acme"), run_role("other")]],
        )
        rights = cursor.fetchall()
    assert rights == [
        (run_role("acme"), "acme"),
        (run_role("acme"), "ext"),
        (run_role("other"), "ext"),
        (run_role("other"), "other"),
    ]


def test_the_login_is_no_superuser_and_inherits_nothing(db):
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolinherit, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = session_user"
        )
        assert cursor.fetchone() == (False, False, False, False)


def test_the_login_itself_reads_no_chain(other_chain):
    with pytest.raises(DatabaseError, match=DENIED), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute("SELECT * FROM other.clients_client")


def test_two_threads_in_two_chains_never_see_each_other(make_committed_chain):
    """Both switch all the time, on connections of their own, half of their work rolled back."""
    chains = [make_committed_chain(), make_committed_chain()]
    together, wrong = threading.Barrier(2), []

    def work(mine, theirs):
        together.wait()
        for number in range(40):
            with tenant_context(mine), transaction.atomic():
                Client.objects.create(ref=f"{mine.schema_name} {number}", name=mine.schema_name)
            with tenant_context(theirs), transaction.atomic():
                names = set(Client.objects.values_list("name", flat=True))
                transaction.set_rollback(True)
            with tenant_context(mine):
                wrong.extend(Client.objects.exclude(name=mine.schema_name))
            wrong.extend(names - {theirs.schema_name})
        connection().close()

    threads = [threading.Thread(target=work, args=pair) for pair in (chains, chains[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    for chain in chains:
        with tenant_context(chain):
            assert Client.objects.count() == 40
