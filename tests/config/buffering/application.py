"""A small application for the tests of the web server, and the configuration by which gunicorn serves it."""

import os
import tempfile
import time
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from config.buffering import connection

LARGE = b"0123456789abcdef" * 2**20

connection.HEAD_SECONDS = 2.0
connection.WINDOW_SECONDS = 2.0

bind = os.environ["BIND"]
worker_class = "config.buffering.worker.BufferingWorker"
workers = int(os.environ.get("WORKERS", "1"))
threads = 2
worker_connections = int(os.environ.get("CONNECTIONS", "2500"))
keepalive = 2
graceful_timeout = 5
control_socket_disable = True


def pre_fork(server: Any, worker: Any) -> None:
    """With two workers one takes over what is expensive, and large bodies."""
    if server.num_workers > 1:
        worker.takes_over = not any(one.takes_over for one in server.WORKERS.values())
        worker.hands_over = None if worker.takes_over else _is_expensive


def _is_expensive(environ: dict[str, Any]) -> bool:
    return environ["PATH_INFO"].startswith("/expensive/") or int(environ.get("CONTENT_LENGTH") or 0) > 2**17


def _body_of(environ: dict[str, Any]) -> bytes:
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    status, body = "200 OK", b"ok\n"
    if path.startswith("/static/"):
        body = b"x" * 330_000
    elif path == "/headers/":
        names = ("HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
        body = " ".join(environ.get(name, "-") for name in names).encode()
    elif path == "/refused/":
        status, body = "413 Content Too Large", b"too large\n"
    elif path == "/large/":
        body = LARGE
    elif path.endswith("/slow/"):
        time.sleep(2)
    elif path.endswith("/process/"):
        body = f"{os.getpid()} {os.nice(0)} {sha256(_body_of(environ)).hexdigest()}".encode()
    elif path == "/file/":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the server closes it
        file.write(LARGE)
        file.seek(0)
        start_response("200 OK", [("Content-Length", str(len(LARGE)))])
        return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]
    elif environ["REQUEST_METHOD"] == "POST":
        received = _body_of(environ)
        body = f"{len(received)} {sha256(received).hexdigest()}".encode()
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]
