"""Making the application's login and database in a new embedded server, and migrating `public`."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from config.errors import StartError, from_server_error
from deploy.development.servers import locations, sequences
from deploy.development.servers.errors import from_log, size_of

_PATTERNS = {
    "tenants": ("preparation.py", "migrations/*.py", "*/migrations/*.py"),
    "billing": ("migrations/*.py", "*/migrations/*.py"),
    "core": ("*/migrations/*.py",),
}


def ensure_prepared(home: Path) -> None:
    """Prepare and migrate once, and once more whenever the migrations of this checkout changed."""
    marker = home / "prepared"
    wanted = fingerprint()
    if marker.exists() and marker.read_text() == wanted:
        return
    first = not marker.exists()
    if first:
        print(f"Making the database in {home} ...", file=sys.stderr)  # noqa: T201 - before Django is there
    prepare(home)
    fresh = marker.with_name("prepared.new")
    fresh.write_text(wanted)
    fresh.rename(marker)


def fingerprint() -> str:
    """Changes when the preparation or any migration does."""
    digest = hashlib.sha256()
    for name, path in watched():
        digest.update(f"{name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def watched() -> list[tuple[str, Path]]:
    """The files that say how the database is made, with their names from their package on."""
    found = []
    for package, patterns in _PATTERNS.items():
        folder = _folder(package)
        paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
        found += [(f"{package}/{path.relative_to(folder)}", path) for path in paths]
    return found


def _folder(package: str) -> Path:
    """Where a package of ours lies, in a checkout or installed, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StartError(f"The package {package} is missing; run make install.")
    return Path(found.origin).parent


def prepare(home: Path) -> None:
    """The superuser makes login and database, and the login migrates. Harmless where it is done already."""
    import psycopg

    from tenants.preparation import prepare_database

    try:
        prepare_database(locations.admin_dsn(home), login=locations.LOGIN, password=None, database=locations.DATABASE)
    except psycopg.OperationalError as error:
        raise from_server_error("The embedded PostgreSQL refused", error, home) from error
    migrate_public(home, locations.database_url(home))
    # A crash under an earlier release may have left some behind.
    sequences.raise_to_rows(home)


def migrate_public(home: Path, url: str) -> None:
    """In a process of its own, told where the database is so that it does not try to start one."""
    log = locations.logs(home) / "migrate.log"
    since = size_of(log)
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", "config.cli", "migrate_schemas", "--shared", "--noinput"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "DATABASE_URL": url, "REVISIT_HOME": str(home)},
            check=False,
        )
    if done.returncode != 0:
        raise from_log("The migration of the database failed", log, since)
