"""The worker's own database: copied from a template that is prepared and migrated once for a set of migrations.

Which tests follow one another in a worker is left to chance, so none may find what another has committed.
"""

from collections.abc import Iterable, Iterator

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from deploy.development.servers import bootstrap, locations
from deploy.development.servers.locks import FileLock
from tenants.preparation import prepare_database
from tests.plugins import server

# Of the two chains that last as long as the worker: tests/plugins/chains.py.
LASTING = {"tenants_chain", "tenants_domain"}


@pytest.fixture(scope="session")
def django_db_setup() -> Iterator[None]:
    """Instead of Django's own test database: the application's login may not create any."""
    template = f"template_{bootstrap.fingerprint()[:16]}"
    with FileLock(locations.locks(server.HOME) / "template"):
        _make_template(template)
        with psycopg.connect(server.ADMIN_DSN, autocommit=True) as admin:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(copy.format(sql.Identifier(server.DATABASE), sql.Identifier(template)))
    _prepare(server.DATABASE)
    yield
    connections.close_all()


@pytest.fixture(scope="session")
def platform_tables(django_db_setup: None) -> Iterator[list[str]]:
    """The platform's tables that hold nothing before the first test and after the last."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        names = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        known = {name for (name,) in names} - LASTING
        found = sorted(known - set(_filled(admin, known)))
    yield found
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        left = _filled(admin, found)
    assert left == [], "a test that commits, and does not ask for `committing`, left rows"


@pytest.fixture
def committing(platform_tables: list[str]) -> Iterator[None]:
    """For tests that commit: what they left in the platform's tables is taken away."""
    yield
    empty(platform_tables)


def empty(tables: Iterable[str]) -> None:
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as admin:
        for name in _filled(admin, tables):
            admin.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(name)))


def _filled(admin: psycopg.Connection, tables: Iterable[str]) -> list[str]:
    """Those that hold rows."""
    one = "SELECT {} WHERE EXISTS (SELECT FROM public.{})"
    each = [sql.SQL(one).format(sql.Literal(name), sql.Identifier(name)) for name in sorted(tables)]
    return [name for (name,) in admin.execute(sql.SQL(" UNION ALL ").join(each)).fetchall()]


def _make_template(name: str) -> None:
    """Migrated under another name first, so that a template that is there is complete."""
    with psycopg.connect(server.ADMIN_DSN, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        for (old,) in admin.execute(r"SELECT datname FROM pg_database WHERE datname LIKE 'template\_%'").fetchall():
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
        draft = f"draft_{name}"
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
        _prepare(draft)
        bootstrap.migrate_public(server.HOME, server.database_url(draft))
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))


def _prepare(database: str) -> None:
    prepare_database(server.ADMIN_DSN, login=server.LOGIN, password=server.PASSWORD, database=database)
