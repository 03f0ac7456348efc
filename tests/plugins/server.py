"""One embedded PostgreSQL for the whole test run, and the address of a database of its own for each worker.

Loaded with `-p`, before any settings are read. The process that steers the run starts the server, or joins the one of
a run at work beside it, and leaves it at the end. `TEST_ADMIN_DSN`, a superuser's connection string, names another
server instead.
"""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

CHECKOUT = Path(__file__).resolve().parents[2]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
os.environ.setdefault("REVISIT_HOME", str(CHECKOUT / "var" / "test"))
os.environ.setdefault("REVISIT_TEST_RUN", str(os.getpid()))
# Nothing of a test outlives it, so nothing has to reach the disk.
os.environ["REVISIT_EMBEDDED_SYNC"] = "off"

from deploy.development.servers import locations  # noqa: E402
from deploy.development.servers.database import SharedDatabase  # noqa: E402

HOME = Path(os.environ["REVISIT_HOME"]).absolute()
DATABASE = f"test_{os.environ['REVISIT_TEST_RUN']}_{WORKER or 'alone'}"
ADMIN_DSN = os.environ.get("TEST_ADMIN_DSN") or locations.admin_dsn(HOME)
LOGIN = "revisit"
PASSWORD = "only-for-tests"


def database_url(database: str) -> str:
    """The address of one database of the test server for the application's login."""
    server = conninfo_to_dict(ADMIN_DSN)
    host, port = str(server.get("host", "/var/run/postgresql")), server.get("port", "")
    if host.startswith("/"):
        return f"postgres://{LOGIN}:{PASSWORD}@/{quote(host)}/{database}"
    return f"postgres://{LOGIN}:{PASSWORD}@{host}:{port or 5432}/{database}"


os.environ["DATABASE_URL"] = database_url(DATABASE)
_shared_database = None if WORKER or os.environ.get("TEST_ADMIN_DSN") else SharedDatabase(HOME, prepared=False)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server in the process that steers the run."""
    if WORKER or session.config.option.collectonly:
        return
    if _shared_database is not None:
        _shared_database.join()
    _drop_databases(_forgotten)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop this run's databases and leave the server."""
    if WORKER or session.config.option.collectonly:
        return
    _drop_databases(lambda run: run == os.environ["REVISIT_TEST_RUN"])
    if _shared_database is not None:
        _shared_database.leave()


def _forgotten(run: str) -> bool:
    """Whether a run was killed before it could drop its databases."""
    try:
        os.kill(int(run), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return False


def _drop_databases(chosen: Callable[[str], bool]) -> None:
    """Drop the databases of the chosen runs with the roles of their chains."""
    with psycopg.connect(ADMIN_DSN, autocommit=True) as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_'").fetchall()
        for (name,) in found:
            if not chosen(name.split("_")[1]):
                continue
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            roles = admin.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{name}__"])
            for (role,) in roles.fetchall():
                admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
