"""The worker's own database: copied from a template that is prepared and migrated once for a set of migrations."""

import psycopg
import pytest
from psycopg import sql

from config.embedded import bootstrap, locations
from config.embedded.locks import FileLock
from tenants.preparation import prepare_database
from tests.plugins import server


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Instead of Django's own test database: the application's login may not create any."""
    template = f"template_{bootstrap.fingerprint()[:16]}"
    with FileLock(locations.locks(server.HOME) / "template"):
        _make_template(template)
        with psycopg.connect(server.ADMIN_DSN, autocommit=True) as admin:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(copy.format(sql.Identifier(server.DATABASE), sql.Identifier(template)))
    _prepare(server.DATABASE)


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
