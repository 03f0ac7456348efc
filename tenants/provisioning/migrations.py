"""Which migrations a chain should have had, which chains lack some, and the run that brings one up to date."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import tenant_context
from psycopg import sql

from tenants.models import Chain
from tenants.postgresql_backend.current import connection

from .script import chain_apps

Migration = tuple[str, str]
# Chains looked at in one query: each adds a table to its plan.
CHAINS_PER_QUERY = 250


def chain_targets(loader: MigrationLoader) -> list[Migration]:
    """The newest migration of each app that a chain has."""
    labels = {app.label for app in chain_apps()}
    return [(app, name) for app, name in loader.graph.leaf_nodes() if app in labels]


def chain_migrations() -> list[Migration]:
    """All migrations a chain should have had, in order."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    planned: dict[Migration, None] = {}
    for app, name in chain_targets(loader):
        planned.update(dict.fromkeys(loader.graph.forwards_plan((app, name))))
    return list(planned)


def apply_migrations() -> None:
    """Bring the current schema up to date, as its owner."""
    executor = MigrationExecutor(connection())
    executor.migrate(chain_targets(executor.loader))


def chains_behind() -> list[str]:
    """The schemas of chains that lack a migration, found in a few queries however many chains there are."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT c.schema_name, r.oid IS NOT NULL FROM tenants_chain c"
            " LEFT JOIN pg_namespace n ON n.nspname = c.schema_name"
            " LEFT JOIN pg_class r ON r.relnamespace = n.oid AND r.relname = 'django_migrations'"
            " ORDER BY c.schema_name"
        )
        found = cursor.fetchall()
    complete = _with_all(chain_migrations(), schemas=[schema for schema, has_table in found if has_table])
    return [schema for schema, _ in found if schema not in complete]


def _with_all(migrations: list[Migration], *, schemas: list[str]) -> set[str]:
    wanted = [f"{app} {name}" for app, name in migrations]
    one = sql.SQL(
        "SELECT {name} FROM {schema}.django_migrations WHERE app || ' ' || name = ANY(%(wanted)s::text[])"
        " HAVING count(DISTINCT app || ' ' || name) = %(count)s::int"
    )
    complete: set[str] = set()
    for batch in _batches(schemas):
        parts = [one.format(name=sql.Literal(schema), schema=sql.Identifier(schema)) for schema in batch]
        with connection().cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(parts), {"wanted": wanted, "count": len(wanted)})
            complete.update(schema for (schema,) in cursor.fetchall())
    return complete


def _batches(schemas: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(schemas)
    while batch := list(islice(remaining, CHAINS_PER_QUERY)):
        yield batch


def migrate_chain(chain: Chain) -> None:
    """Run what the chain lacks, as its owner; a second run beside this one waits and then finds nothing to do."""
    with tenant_context(chain), connection().as_owner(), connection().cursor() as cursor:
        lock = [f"migrate {chain.schema_name}"]
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
        try:
            apply_migrations()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)
