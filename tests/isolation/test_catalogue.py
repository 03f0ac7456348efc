"""What the catalogue says of chains: none refers to anything outside itself, and none has a right outside itself."""

import psycopg
import pytest
from django.db import ProgrammingError, transaction
from django_tenants.utils import tenant_context

from core.clients.models import Client
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.roles import role_name
from tests.isolation.references import outside_references
from tests.plugins import server
from tests.plugins.chains import outside_chains

VIOLATIONS = [
    "ALTER TABLE {schema}.stores_city ADD FOREIGN KEY (id) REFERENCES public.tenants_chain (id)",
    "ALTER TABLE {schema}.stores_city ADD FOREIGN KEY (id) REFERENCES {other}.stores_city (id)",
    "ALTER TABLE {schema}.stores_city ADD more bigint DEFAULT nextval('{other}.stores_city_id_seq')",
    "CREATE VIEW {schema}.peek AS SELECT * FROM {other}.stores_city",
    "CREATE VIEW {schema}.peek AS SELECT * FROM public.tenants_chain",
    "CREATE TRIGGER peek AFTER INSERT ON {schema}.stores_city EXECUTE FUNCTION public.tenants_announce_change()",
    "CREATE FUNCTION {schema}.peek() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.tenants_chain'",
    "CREATE FUNCTION {schema}.peek() RETURNS int LANGUAGE sql SET search_path = public AS 'SELECT 1'",
    "CREATE FUNCTION {schema}.peek() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM \"{other}\".stores_city'",
    "CREATE TABLE {schema}.peek (one {other}.stores_city)",
    "CREATE TABLE {schema}.peek () INHERITS ({other}.stores_city)",
]
# Each kind of object, and the privileges there are on it.
PRIVILEGES = {
    "has_table_privilege": (
        "pg_class",
        "relnamespace",
        "relkind IN ('r', 'v', 'm', 'p', 'f')",
        "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER",
    ),
    "has_any_column_privilege": (
        "pg_class",
        "relnamespace",
        "relkind IN ('r', 'v', 'm', 'p', 'f')",
        "SELECT, INSERT, UPDATE, REFERENCES",
    ),
    "has_sequence_privilege": ("pg_class", "relnamespace", "relkind = 'S'", "USAGE, SELECT, UPDATE"),
    "has_function_privilege": ("pg_proc", "pronamespace", "true", "EXECUTE"),
}


def rights_on(schemas: list[str], role_prefix: str) -> list[tuple[str, ...]]:
    """Every privilege that a chain's role has on an object of those schemas, through whatever grant."""
    found: list[tuple[str, ...]] = []
    with connection().cursor() as cursor:
        for function, (table, namespace, kind, privileges) in PRIVILEGES.items():
            cursor.execute(
                f"SELECT r.rolname, o.oid::{'regprocedure' if table == 'pg_proc' else 'regclass'}::text, p"
                f" FROM pg_roles r, {table} o, unnest(string_to_array(%(privileges)s, ', ')) p"
                f" WHERE starts_with(r.rolname, current_database() || '__' || %(prefix)s)"
                f" AND o.{namespace} = ANY(%(schemas)s::regnamespace[]) AND {kind} AND {function}(r.oid, o.oid, p)",
                {"privileges": privileges, "prefix": role_prefix, "schemas": schemas},
            )
            found += cursor.fetchall()
    return found


def test_nothing_in_a_chain_refers_outside_it(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        assert outside_references("acme") == outside_references("other") == []


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_what_would_refer_outside_is_found(make_committed_chain, violation: str) -> None:
    mine, other = make_committed_chain().schema_name, make_committed_chain().schema_name
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as admin:
        admin.execute(violation.format(schema=mine, other=other))
    try:
        assert outside_references(mine)
    finally:
        with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as admin:
            admin.execute(f"DROP SCHEMA {mine} CASCADE")


def test_no_role_of_a_chain_has_a_right_on_anything_in_public(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        assert rights_on(["public"], "") == []


def test_no_role_of_a_chain_has_a_right_on_anything_of_another(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        assert rights_on(["other"], "acme__") == rights_on(["acme"], "other__") == []
        assert ("acme", "SELECT") in {
            (role.split("__")[1], right) for role, _name, right in rights_on(["acme"], "acme__run")
        }


def test_a_right_on_public_would_be_found(chain: Chain) -> None:
    with outside_chains(), transaction.atomic():
        with connection().cursor() as cursor:
            cursor.execute("GRANT SELECT (name) ON tenants_chain TO PUBLIC")
        assert {right for _role, _name, right in rights_on(["public"], "acme__")} == {"SELECT"}
        transaction.set_rollback(True)


def test_a_chains_data_asked_for_outside_any_chain_raises(chain: Chain) -> None:
    Client.objects.create(ref="C1")
    with outside_chains(), pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
        Client.objects.count()
    with tenant_context(chain):
        assert Client.objects.count() == 1


READABLE = "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace"
# Subscriptions to other servers, of which this product has none: their names, without their addresses.
REMAINS = ["pg_subscription"]


def test_a_chains_roles_read_nothing_of_the_system_catalogue(chain: Chain) -> None:
    with outside_chains(), connection().cursor() as cursor:
        for kind in ("run", "owner"):
            role = role_name(database=connection().settings_dict["NAME"], schema="acme", kind=kind)
            cursor.execute(f"{READABLE} AND has_any_column_privilege(%s, oid, 'SELECT')", [role])
            assert [name for (name,) in cursor.fetchall()] == REMAINS


def test_the_login_reads_what_everyone_may_by_default(db: None) -> None:
    with connection().cursor() as cursor:
        cursor.execute(f"{READABLE} AND has_table_privilege(oid, 'SELECT')")
        readable = {name for (name,) in cursor.fetchall()}
    assert {"pg_class", "pg_namespace", "pg_roles", "pg_stat_activity", "pg_locks"} <= readable
    assert not {"pg_authid", "pg_shadow", "pg_statistic", "pg_user_mapping", "pg_hba_file_rules"} & readable


def test_what_remains_to_be_seen_is_what_the_docs_say(chain: Chain, other_chain: Chain) -> None:
    """Names, to who tries numbers out: no right guards the text of a number."""
    with connection().cursor() as cursor:
        with outside_chains():
            cursor.execute("SELECT 'other.clients_client'::regclass::oid")
            (number,) = cursor.fetchone()
        cursor.execute("SELECT %s::oid::regclass::text", [number])
        assert cursor.fetchone() == ("other.clients_client",)
