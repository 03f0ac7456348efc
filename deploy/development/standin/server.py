"""The HTTP side: one server for API, control and pages."""

import http.server
import logging
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from deploy.development.standin import api, control, faults, pages
from deploy.development.standin.api import Reply
from deploy.development.standin.faults import Fault, Faults
from deploy.development.standin.state import State

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LARGEST = 1_000_000

logger = logging.getLogger(__name__)


def is_loopback(host: str | None) -> bool:
    return host is not None and (host in LOOPBACK or host.endswith(".localhost"))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, state: State, site: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state
        self.site = site
        self.faults = Faults()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names the library asks for

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST:
            self.close_connection = True
            self._send(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}"))
            return
        body = self.rfile.read(length).decode()
        place = urlsplit(self.path)
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if not is_loopback(host):
            # A page elsewhere that has its name point at this machine.
            self._send(Reply(HTTPStatus.MISDIRECTED_REQUEST, b"{}"))
        elif place.path.startswith("/v1/"):
            with self.server.faults.serving():
                self._answer_api(place.path, place.query if self.command == "GET" else f"{body}&{place.query}")
        elif place.path.startswith("/_standin/"):
            given = control.answer(self.server.state, self.server.faults, self.command, place.path[10:], body)
            self._send(given)
        else:
            self._answer_page(place.path, body)

    def _answer_api(self, path: str, text: str) -> None:
        call = api.Call(self.command, path, text.strip("&"), self.headers)  # type: ignore[arg-type]
        noted = faults.Call(call.method, path, self.headers.get("Idempotency-Key"), call.text)
        fault = self.server.faults.next(self.command, path)
        faults.wait(fault)
        if fault is not None and fault.kind == "close_before":
            self.server.faults.note(noted)
            self._hang_up()
            return
        if fault is not None and fault.kind == "status":
            reply = _faulty(fault)
            api.keep_failure(self.server.state, call, reply)
        else:
            reply = api.answer(self.server.state, call)
        noted.status, noted.replayed = reply.status, "Idempotent-Replayed" in reply.headers
        self.server.faults.note(noted)
        if fault is not None and fault.kind == "close_after":
            self._hang_up()
            return
        self._send(reply, half=fault is not None and fault.kind == "half")

    def _answer_page(self, path: str, body: str) -> None:
        if self.command == "POST" and self.headers.get("Sec-Fetch-Site") == "cross-site":
            self._send(Reply(HTTPStatus.FORBIDDEN, b"Not from another site.", "text/plain"))
            return
        accepts = self.headers.get("Accept-Language") or ""
        self._send(pages.answer(self.server.state, self.server.site, self.command, path, body, accepts=accepts))

    def _send(self, reply: Reply, *, half: bool = False) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if half:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self._hang_up()
        else:
            self.wfile.write(reply.body)

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, *_words: object) -> None:
        logger.info("%s %s", self.command, urlsplit(self.path).path)


def _faulty(fault: Fault) -> Reply:
    kinds = {429: "rate_limit_error", 400: "invalid_request_error", 402: "card_error"}
    code = {429: "rate_limit", 402: "card_declined"}.get(fault.status)
    body = {
        "error": {"type": kinds.get(fault.status, "api_error"), "message": "A fault that was asked for.", "code": code}
    }
    return control.reply(fault.status, body)
