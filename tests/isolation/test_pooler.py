"""Behind a real PgBouncer: in session mode no row crosses; in the modes that share sessions we refuse to work."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django_tenants.utils import tenant_context
from psycopg.conninfo import conninfo_to_dict

from core.clients.models import Client
from deploy.development.servers import processes
from deploy.development.servers.account import Account
from tenants.models import Chain
from tests.plugins import server

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ROWS = 6 * 25
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PGBOUNCER is None, reason="needs PgBouncer: apt-get install pgbouncer"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def pooler(folder: Path, mode: str, *options: str) -> Iterator[str]:
    """The database's address through a PgBouncer of our own, fewer server sessions than clients."""
    target, port = conninfo_to_dict(server.ADMIN_DSN), free_port()
    upstream = f"host='{target.get('host', '/var/run/postgresql')}' port={target.get('port') or 5432}"
    (folder / "users.txt").write_text(f'"{server.LOGIN}" "{server.PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(
        "\n".join(
            [
                "[databases]",
                f"* = {upstream} user={server.LOGIN} password={server.PASSWORD}",
                "[pgbouncer]",
                f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =",
                f"auth_type = trust\nauth_file = {folder}/users.txt",
                f"pool_mode = {mode}\ndefault_pool_size = 10",
                *options,
            ]
        )
    )
    command = [PGBOUNCER or "", folder / "pgbouncer.ini"]
    nobody = pwd.getpwnam("nobody")
    account = Account(user=nobody.pw_uid, group=nobody.pw_gid) if os.geteuid() == 0 else None
    started = processes.start(
        command, log=folder / "pgbouncer.log", when_orphaned=signal.SIGKILL, account=account, folder=folder
    )
    url = f"postgres://{server.LOGIN}:{quote(server.PASSWORD)}@127.0.0.1:{port}/{server.DATABASE}"
    try:
        _wait_for(url, folder / "pgbouncer.log")
        yield url
    finally:
        processes.stop(started, ((signal.SIGTERM, 5.0),))


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def run(url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=environment,
        cwd=server.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# With the default reset query a session is cleaned between clients; without any we still never trust what we find.
@pytest.mark.parametrize("options", [[], ["server_reset_query ="]])
def test_in_session_mode_no_row_crosses(
    make_committed_chain: Callable[..., Chain], tmp_path: Path, options: list[str]
) -> None:
    chains = [make_committed_chain() for _ in range(3)]
    with pooler(tmp_path, "session", *options) as url:
        done = run(url, "tests.isolation.work_through_pooler", *(chain.schema_name for chain in chains))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["processes"] <= 10
    kept = 0
    for chain in chains:
        with tenant_context(chain):
            names = list(Client.objects.values_list("name", flat=True))
            assert set(names) == {chain.schema_name}
            kept += len(names)
    assert kept == ROWS


def test_in_session_mode_chains_are_made_and_migrated(
    make_committed_chain: Callable[..., Chain], tmp_path: Path
) -> None:
    make_committed_chain()
    with pooler(tmp_path, "session") as url:
        done = run(url, "config.cli", "migrate_chains", "--check")
    assert (done.returncode, "none behind" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("size", [1, 10])
def test_where_sessions_are_shared_it_refuses_to_work(
    make_committed_chain: Callable[..., Chain], tmp_path: Path, mode: str, size: int
) -> None:
    chain = make_committed_chain()
    with pooler(tmp_path, mode, f"default_pool_size = {size}") as url:
        done = run(url, "config.cli", "create_chain", "--schema=pooled", "--name=Pooled")
    assert (done.returncode, done.stdout) == (1, "")
    assert "pool_mode" in done.stderr
    assert not Chain.objects.filter(schema_name="pooled").exists()
    with tenant_context(chain):
        assert not Client.objects.exists()
