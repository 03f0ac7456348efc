"""The migrations of chains, and the run that migrates one chain."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import tenant_context
from psycopg import errors, sql

from core.shared.chain import outside_chain
from core.shared.locks import try_lock
from tenants.models import Chain
from tenants.postgresql_backend.current import connection

from .script import chain_apps

Migration = tuple[str, str]
# A statement that waits for a table lock blocks everyone behind it, so it gives up soon and is retried.
LOCK_TIMEOUT = "2s"
LOCK_ATTEMPTS = 10
RETRY_SECONDS = 0.5


def chain_targets(loader: MigrationLoader) -> list[Migration]:
    """Return the latest migration of each chain app."""
    labels = {app.label for app in chain_apps()}
    return [(app, name) for app, name in loader.graph.leaf_nodes() if app in labels]


def chain_migrations() -> list[Migration]:
    """Return all migrations of a chain, in order."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    planned: dict[Migration, None] = {}
    for app, name in chain_targets(loader):
        planned.update(dict.fromkeys(loader.graph.forwards_plan((app, name))))
    return list(planned)


def apply_migrations() -> None:
    """Apply missing migrations to the current schema, as its owner."""
    executor = MigrationExecutor(connection())
    executor.migrate(chain_targets(executor.loader))


def migrate_chain(chain: Chain) -> None:
    """Apply a chain's missing migrations, as its owner. A concurrent run waits and then has nothing to do."""
    with tenant_context(chain), connection().as_owner(), _exclusive_run(chain.schema_name):
        with connection().cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        _drop_unfinished_indexes(chain.schema_name)
        for attempt in range(1, LOCK_ATTEMPTS + 1):
            try:
                apply_migrations()
            except OperationalError as error:
                if not isinstance(error.__cause__, errors.LockNotAvailable) or attempt == LOCK_ATTEMPTS:
                    raise
                time.sleep(RETRY_SECONDS)
            else:
                return


def migration_lock(schema: str) -> str:
    """Return the name of the lock held while the chain is migrated."""
    return f"migrate {schema}"


@contextmanager
def _exclusive_run(schema: str) -> Iterator[None]:
    """Hold the chain's migration lock. Polls, since a waiting statement would block CREATE INDEX CONCURRENTLY."""
    while True:
        with try_lock(migration_lock(schema)) as mine:
            if mine:
                yield
                return
        time.sleep(RETRY_SECONDS)


def _drop_unfinished_indexes(schema: str) -> None:
    """Drop invalid indexes left by a failed CREATE INDEX CONCURRENTLY, which would block the next attempt."""
    with connection().cursor() as cursor:
        with outside_chain():
            cursor.execute(
                "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                " WHERE c.relnamespace = %s::regnamespace AND NOT i.indisvalid",
                [sql.Identifier(schema).as_string(None)],
            )
            unfinished = cursor.fetchall()
        for (name,) in unfinished:
            cursor.execute(sql.SQL("DROP INDEX {}.{}").format(sql.Identifier(schema), sql.Identifier(name)))
