"""Requests as bytes to a real web server: two Host headers, and request lines that name another host."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from deploy.development.servers import processes
from tenants.models import Chain
from tests.isolation.test_pooler import free_port
from tests.plugins import server

pytestmark = pytest.mark.slow


@pytest.fixture
def port(tmp_path, make_committed_chain: Callable[..., Chain]) -> Iterator[int]:
    """gunicorn on this worker's database, with the chains `wirea` (English) and `wireb` (Chinese)."""
    make_committed_chain(schema="wirea", name="Alpha", language="en")
    make_committed_chain(schema="wireb", name="Beta", language="zh-hans")
    port = free_port()
    words = ["gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn", "--workers", "1"]
    started = processes.start(
        [sys.executable, "-m", *words, "--bind", f"127.0.0.1:{port}"],
        log=tmp_path / "web.log",
        when_orphaned=signal.SIGKILL,
        environment=dict(os.environ),
        folder=server.CHECKOUT,
    )
    try:
        _wait_for(port, started)
        yield port
    finally:
        processes.stop(started, ((signal.SIGTERM, 10.0),))


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def answer(port: int, *lines: str) -> str:
    with socket.create_connection(("127.0.0.1", port), 20) as wire:
        wire.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: wire.recv(65536), b"")).decode()


def test_the_one_host_header_names_the_chain(port: int) -> None:
    def asked(*lines: str) -> tuple[int, set[str]]:
        text = answer(port, *lines)
        return int(text.split()[1]), {name for name in ("Alpha", "Beta") if name in text}

    get = "GET /sign-in/ HTTP/1.1"
    assert asked(get, "Host: wirea.localhost") == (200, {"Alpha"})
    assert asked(get, "host:wireb.localhost:1234") == (200, {"Beta"})
    # Two of them, in whatever way, are none.
    for second in ("Host: wireb.localhost", "host: wireb.localhost", "Host: wirea.localhost"):
        status, names = asked(get, "Host: wirea.localhost", second)
        assert (status in {400, 404}, names) == (True, set()), second
    # Who stands in the request line is nobody: the header alone counts.
    for line in ("GET http://wireb.localhost/sign-in/ HTTP/1.1", "GET //wireb.localhost/sign-in/ HTTP/1.1"):
        assert "Beta" not in answer(port, line, "Host: wirea.localhost"), line
    # Without a host it is the platform's own site at best, where no chain's page is.
    page = "GET /clients/ HTTP/1.1"
    for lines in (
        [page],
        ["GET /clients/ HTTP/1.0"],
        [page, "Host:"],
        [page, "Host: "],
        [page, "Host : wirea.localhost"],
    ):
        status, names = asked(*lines)
        assert (status in {400, 404}, names) == (True, set()), lines
    for host in ("wirea.localhost\tx", "wirea.localhost\x00", "wirea_.localhost", "127.0.0.2"):
        status, names = asked(get, f"Host: {host}")
        assert (status in {400, 404}, names) == (True, set()), host
    assert asked(get, "X-Forwarded-Host: wireb.localhost", "Host: wirea.localhost") == (200, {"Alpha"})
    assert asked(get, "Host_: wireb.localhost", "Host: wirea.localhost")[1] == {"Alpha"}
