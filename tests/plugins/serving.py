"""The site behind a real socket, for requests over real connections at the same moment."""

import threading
from collections.abc import Iterator

import pytest
import requests
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A test's output is no access log."""


class Visitor:
    """A browser at one host of the site: keeps cookies, sends the token of forms, follows no redirect."""

    def __init__(self, port: int, host: str) -> None:
        self._at, self._session = f"http://127.0.0.1:{port}", requests.Session()
        self._session.headers["Host"] = f"{host}:{port}"
        # Cookies of 127.0.0.1, whatever the Host header says.

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._at + path, timeout=120, allow_redirects=False)

    def post(self, path: str, **fields: str) -> requests.Response:
        token = self._session.cookies.get("csrftoken") or ""
        form = {**fields, "csrfmiddlewaretoken": token}
        return self._session.post(self._at + path, form, timeout=120, allow_redirects=False)


@pytest.fixture
def served_port(committing: None) -> Iterator[int]:
    """Where the site is served, a thread for each connection. Not to be mixed with `db`."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()
