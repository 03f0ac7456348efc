"""The commands of web server, worker and scheduler, and the address they serve at."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from config.errors import StartError
from deploy.development.servers import locations, processes, stripe
from deploy.development.servers.parts import Part

# How many tasks of each queue are at work. Threads cost no process each; the time limits of tasks need processes.
WORKERS = {
    "mail": ["--pool", "threads", "--concurrency", "4"],
    "default": ["--concurrency", "1"],
    "long": ["--concurrency", "2"],
}


def listen(port: int) -> list[socket.socket]:
    """Listening sockets of this machine only. Held by us, so that a web server that dies loses no connection."""
    listeners = [_listen(socket.AF_INET, "127.0.0.1", port)]
    try:
        listeners.append(_listen(socket.AF_INET6, "::1", port))
    except OSError as error:
        if error.errno not in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
            raise
    return listeners


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} is taken by another program; choose another one, for example PORT={port + 1}."
            raise StartError(message) from error
        if error.errno == errno.EACCES:
            raise StartError(f"Port {port} is not open to this account; choose one above 1023.") from error
        raise
    return listener


def environment(home: Path) -> dict[str, str]:
    """What every process of the site is told, and the mark by which a later start finds those left over."""
    told = {**os.environ, processes.MARK: os.path.realpath(home), "REVISIT_HOME": str(home)}
    # Worker and scheduler would load every page and chart for Django's checks, which `revisit check` runs.
    told.setdefault("CELERY_SKIP_CHECKS", "true")
    told.setdefault("DATABASE_URL", locations.database_url(home))
    return {**told, **stripe.environment(home)}


def parts(home: Path, listeners: list[socket.socket]) -> list[Part]:
    """Web server, workers and scheduler."""
    descriptors = [listener.fileno() for listener in listeners]
    web = ["gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn"]
    web += [word for descriptor in descriptors for word in ("--bind", f"fd://{descriptor}")]
    celery = ["celery", "--app", "config.celery", "--quiet"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
    return [
        Part("web", lambda: _start(home, "web", web, descriptors)),
        *(_worker(home, queue, [*celery, "worker", *words]) for queue, words in WORKERS.items()),
        Part("beat", lambda: _start(home, "beat", beat, [])),
    ]


def _worker(home: Path, queue: str, words: list[str]) -> Part:
    """That of one queue."""
    name = f"worker-{queue}"
    words += ["--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"]
    words += ["--without-gossip", "--without-mingle"]
    return Part(name, lambda: _start(home, name, words, []))


def _start(home: Path, name: str, words: list[str], descriptors: list[int]) -> "subprocess.Popen[bytes]":
    return processes.start(
        [sys.executable, "-m", *words],
        log=log_file(home, name),
        # At once: a worker's task is delivered again, and asked nicely it would first wait for its broker to come back.
        when_orphaned=signal.SIGKILL,
        environment=environment(home),
        pass_fds=descriptors,
    )


def log_file(home: Path, name: str) -> Path:
    """Where a part logs."""
    return locations.logs(home) / f"{name}.log"


def is_ready(port: int) -> bool:
    """Whether the site says that database, cache and broker answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2.0)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
