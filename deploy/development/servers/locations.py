"""Where the embedded servers keep their things and answer. Nothing here touches a file or starts anything."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

LOGIN = "revisit"
DATABASE = "revisit"
SUPERUSER = "postgres"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"

# A socket's whole path fits in 104 bytes on macOS and 108 on Linux, the closing zero included.
_LONGEST_SOCKET_PATH = 100


def postgres_data(home: Path) -> Path:
    """The data directory of the embedded PostgreSQL."""
    return home / "postgres"


def valkey_data(home: Path) -> Path:
    """The folder of the embedded Valkey's append-only file."""
    return home / "valkey"


def logs(home: Path) -> Path:
    """One log file for each part."""
    return home / "logs"


def locks(home: Path) -> Path:
    """The lock files by which commands, demo and keeper know of each other."""
    return home / "locks"


def sockets(home: Path) -> Path:
    """The private folder of the sockets: inside the home unless its path is too long for a socket."""
    inside = home / "run"
    if len(os.fsencode(inside / POSTGRES_SOCKET)) <= _LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(os.path.realpath(home))).hexdigest()[:16]
    return Path("/tmp") / f"revisit-{os.getuid()}-{digest}"  # noqa: S108 - made 0700 and checked for its owner


def database_url(home: Path) -> str:
    """The address of the embedded database for the application's login."""
    return f"postgres://{LOGIN}@/{quote(str(sockets(home)))}/{DATABASE}"


def admin_dsn(home: Path, database: str = SUPERUSER) -> str:
    """The connection string of the embedded server's superuser, who prepares databases and does nothing else."""
    folder = str(sockets(home)).replace("\\", "\\\\").replace("'", "\\'")
    return f"host='{folder}' user={SUPERUSER} dbname={database} connect_timeout=10"


def broker_url(home: Path) -> str:
    """The address of the embedded Valkey as Celery's broker."""
    return f"redis+socket://{quote(str(sockets(home) / VALKEY_SOCKET))}?virtual_host=0"


def cache_url(home: Path) -> str:
    """The address of the embedded Valkey as Django's cache."""
    return f"unix://{quote(str(sockets(home) / VALKEY_SOCKET))}?db=1"


# By the variable of the environment that names another server.
ADDRESSES = {"DATABASE_URL": database_url, "BROKER_URL": broker_url, "CACHE_URL": cache_url}
