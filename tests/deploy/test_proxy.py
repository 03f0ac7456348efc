"""The proxy of the compose file: it agrees with the program on sizes, and slow clients stop at it."""

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from core.imports.runs.resumable import PIECE
from tests.attacks.slow_connections import KINDS, slow_connections
from tests.config.buffering.test_worker import eventually, serving
from tests.deploy.development.servers.test_site import free_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "proxy" / "nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SIZES = {"k": 1024, "m": 1024**2}
Proxy = tuple[int, int]


def sizes() -> dict[str, int]:
    """What it lets through, by location."""
    text = CONFIGURATION.read_text()
    found = re.findall(r"(?:location (?:= )?(\S+) \{\s*)?client_max_body_size (\d+)([km]);", text)
    return {place: int(number) * SIZES[unit] for place, number, unit in found}


def test_it_lets_through_what_the_program_takes() -> None:
    form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert set(sizes()) == {"", "/imports/new/", "/imports/uploads/", "/console/restoration/add/"}
    assert sizes()[""] == form
    assert sizes()["/imports/new/"] - settings.IMPORT_LARGEST_FILE >= form
    assert sizes()["/imports/uploads/"] - PIECE >= form
    assert sizes()["/console/restoration/add/"] - settings.RESTORE_LARGEST >= form


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """nginx with a certificate of its own before the web server of the tests: its ports with and without TLS."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    plain, secure = free_port(), free_port()
    keys = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1", *keys],
        check=True,
        capture_output=True,
    )
    with serving(tmp_path / "log") as (port, _process):
        text = CONFIGURATION.read_text()
        here = {"/tmp/": f"{tmp_path}/", "8443": str(secure), "8080": str(plain), "web:8000": f"127.0.0.1:{port}"}
        for there, place in {**here, "/certificates/": f"{tmp_path}/"}.items():
            text = text.replace(there, place)
        (tmp_path / "nginx.conf").write_text(text)
        words = [NGINX, "-c", str(tmp_path / "nginx.conf"), "-e", "stderr", "-g", "daemon off;"]
        with (tmp_path / "nginx.log").open("wb") as output:
            process = subprocess.Popen(words, stdout=output, stderr=output)
        try:
            eventually(lambda: ask(secure, b"GET /healthz HTTP/1.1", seconds=1).endswith(b"ok\n"))
            yield plain, secure
        finally:
            process.terminate()
            process.wait(30)


def ask(port: int, line: bytes, *headers: bytes, body: bytes = b"", seconds: float = 10) -> bytes:
    """Everything that comes back to one request."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"\r\n".join([line, b"Host: acme.localhost", b"Connection: close", *headers, b"", body]))
            received = b""
            while data := connection.recv(65536):
                received += data
            return received
    except OSError:
        return b""


@pytest.mark.slow
def test_it_says_who_asks_and_how(proxy: Proxy) -> None:
    _plain, secure = proxy
    found = ask(secure, b"GET /headers/ HTTP/1.1", b"X-Forwarded-For: 192.0.2.1", b"X-Forwarded-Proto: http")
    assert b"acme.localhost 127.0.0.1 https" in found


@pytest.mark.slow
def test_a_form_that_is_too_large_stops_at_it(proxy: Proxy) -> None:
    _plain, secure = proxy
    assert b" 413 " in ask(secure, b"POST /sign-in/ HTTP/1.1", b"Content-Length: 10000000000").split(b"\r\n")[0]
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunks = ask(secure, b"POST /sign-in/ HTTP/1.1", b"Transfer-Encoding: chunked", body=chunk * 4 + b"0\r\n\r\n")
    assert b" 413 " in chunks.split(b"\r\n")[0]


@pytest.mark.slow
def test_a_file_is_passed_on_unread(proxy: Proxy) -> None:
    _plain, secure = proxy
    body = b"x" * 3_000_000
    found = ask(secure, b"POST /imports/new/ HTTP/1.1", b"Content-Length: 3000000", body=body)
    assert b"\r\n3000000 " in found


@pytest.mark.slow
def test_slow_clients_stop_at_it(proxy: Proxy) -> None:
    """Without TLS they do not even get as far as with it."""
    plain, secure = proxy
    with slow_connections(("127.0.0.1", plain), "acme.localhost", list(KINDS)):
        time.sleep(1)
        assert ask(secure, b"GET /healthz HTTP/1.1").endswith(b"ok\n")
