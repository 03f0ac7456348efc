"""Reads the schema versions of all chains in a few queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from psycopg import sql

from tenants.postgresql_backend.current import connection

from .migrations import chain_migrations

# Chains per query; each adds a table to the query plan.
CHAINS_PER_QUERY = 250
Applied = tuple[frozenset[str], datetime | None]


@dataclass(frozen=True, kw_only=True)
class SchemaVersion:
    """A chain's schema version, compared with the migrations of this code, each as `app name`."""

    schema: str
    migrated_at: datetime | None
    missing: tuple[str, ...]


def schema_versions() -> list[SchemaVersion]:
    """Return the versions of all chains, by schema. Call outside any chain."""
    expected = [f"{app} {name}" for app, name in chain_migrations()]
    schemas = _schemas()
    applied = _applied(schema for schema, has_table in schemas if has_table)
    versions = []
    for schema, _has_table in schemas:
        names, migrated_at = applied.get(schema, (frozenset(), None))
        missing = tuple(name for name in expected if name not in names)
        versions.append(SchemaVersion(schema=schema, migrated_at=migrated_at, missing=missing))
    return versions


def chains_behind() -> list[str]:
    """Return the schemas of chains that lack a migration."""
    return [version.schema for version in schema_versions() if version.missing]


def _schemas() -> list[tuple[str, bool]]:
    """Return each chain's schema and whether it has a table django_migrations."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT c.schema_name, r.oid IS NOT NULL FROM tenants_chain c"
            " LEFT JOIN pg_namespace n ON n.nspname = c.schema_name"
            " LEFT JOIN pg_class r ON r.relnamespace = n.oid AND r.relname = 'django_migrations'"
            " ORDER BY c.schema_name"
        )
        return [(schema, has_table) for schema, has_table in cursor.fetchall()]


def _applied(schemas: Iterable[str]) -> dict[str, Applied]:
    query = sql.SQL("SELECT {name}, array_agg(app || ' ' || name), max(applied) FROM {schema}.django_migrations")
    result: dict[str, Applied] = {}
    for batch in _batches(schemas):
        parts = [query.format(name=sql.Literal(schema), schema=sql.Identifier(schema)) for schema in batch]
        with connection().cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(parts))
            result.update((schema, (frozenset(names or ()), last)) for schema, names, last in cursor.fetchall())
    return result


def _batches(schemas: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(schemas)
    while batch := list(islice(remaining, CHAINS_PER_QUERY)):
        yield batch
