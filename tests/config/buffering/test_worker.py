"""The web server by itself: slow clients hold nothing that others need, and requests and responses stay whole."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from gunicorn.config import Config  # type: ignore[import-untyped]

from config.buffering import worker
from config.buffering.connection import Arrived, Connection
from config.buffering.output import Output
from tests.attacks.slow_connections import KINDS, slow_connections
from tests.deploy.development.servers.test_site import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
LARGE = b"0123456789abcdef" * 2**20
FORM = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
Server = tuple[int, "subprocess.Popen[bytes]"]


@contextmanager
def serving(log: Path, **environment: str) -> Iterator[Server]:
    port = free_port()
    module = "tests.config.buffering.application"
    words = [sys.executable, "-m", "gunicorn", f"{module}:application", "--config", f"python:{module}"]
    told = {**os.environ, "BIND": f"127.0.0.1:{port}", **environment}
    with log.open("wb") as output:
        process = subprocess.Popen(words, cwd=CHECKOUT, env=told, stdout=output, stderr=output)
    try:
        eventually(lambda: answers(port, seconds=1))
        yield port, process
    finally:
        process.terminate()
        process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("server") / "log") as (port, _process):
        yield port


def eventually(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def ask(port: int, method: str, path: str, body: bytes | None = None, seconds: float = 10) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answers(port: int, seconds: float = 10) -> bool:
    try:
        return ask(port, "GET", "/healthz", seconds=seconds) == (200, b"ok\n")
    except OSError:
        return False


def raw(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


def held_by(process: "subprocess.Popen[bytes]") -> int:
    """Connections that the server has open."""
    (worker,) = psutil.Process(process.pid).children()
    return sum(one.status not in {psutil.CONN_LISTEN, psutil.CONN_NONE} for one in worker.net_connections("tcp"))


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [*([kind] for kind in KINDS), list(KINDS)], ids=[*KINDS, "all"])
def test_others_are_answered_beside_two_hundred_slow_ones(tmp_path: Path, kinds: list[str]) -> None:
    with serving(tmp_path / "log") as (port, process):
        with slow_connections(("127.0.0.1", port), "localhost", kinds) as slow:
            time.sleep(1.5)
            assert slow.held > 0
            for _time in range(3):
                assert answers(port)
                assert ask(port, "POST", "/echo/", b"x" * FORM)[0] == 200
            # None stays for ever, however slowly something comes or goes.
            eventually(lambda: held_by(process) == 0, seconds=60)
        assert answers(port)


def test_the_longest_waiting_gives_way_at_the_limit(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "log", CONNECTIONS="20") as (port, _process),
        slow_connections(("127.0.0.1", port), "localhost", ["silent", "headers"], 50) as slow,
    ):
        assert answers(port)
        eventually(lambda: slow.closed >= 80)


@pytest.mark.parametrize("size", [0, 1, FORM, FORM + 1, 5_000_000])
def test_a_body_arrives_whole(server: int, size: int) -> None:
    body = os.urandom(size)
    assert ask(server, "POST", "/echo/", body) == (200, f"{size} {sha256(body).hexdigest()}".encode())


@pytest.mark.parametrize("path", ["/large/", "/file/"])
def test_a_large_response_arrives_whole_while_no_thread_waits(server: int, path: str) -> None:
    """Two threads, and eight who take their time."""
    connections = [http.client.HTTPConnection("127.0.0.1", server, timeout=10) for _number in range(8)]
    for connection in connections:
        connection.request("GET", path)
    assert answers(server)
    for connection in connections:
        assert sha256(connection.getresponse().read()).digest() == sha256(LARGE).digest()
        connection.close()


def test_a_connection_serves_one_request_after_the_other(server: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=10)
    for number in range(5):
        connection.request("POST", "/echo/", b"x" * number)
        assert connection.getresponse().read().startswith(f"{number} ".encode())
        opened = connection.sock
    connection.request("HEAD", "/healthz")
    assert connection.getresponse().read() == b""
    assert connection.sock is opened
    connection.close()


def test_requests_sent_at_once_are_answered_in_order(server: int) -> None:
    form = b"POST /echo/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = raw(server, form % (1, b"a") + form % (2, b"bb") + form % (3, b"ccc") + last)
    assert [line[:2] for line in found.split(b"\r\n\r\n")[1:4]] == [b"1 ", b"2 ", b"3 "]
    assert found.endswith(b"ok\n")


def test_a_request_may_come_in_pieces(server: int) -> None:
    whole = b"POST /echo/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
    pieces = [whole[place : place + 7] for place in range(0, len(whole), 7)]
    assert raw(server, *pieces, pause=0.01).endswith(f"5 {sha256(b'hello').hexdigest()}".encode())


def test_chunks_reach_the_application_which_may_take_them(server: int) -> None:
    head = b"POST /echo/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    found = raw(server, head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n", pause=0.1)
    assert found.endswith(f"5 {sha256(b'abcde').hexdigest()}".encode())
    assert b"\r\nConnection: close\r\n" in found


@pytest.mark.parametrize("length", [5, 5_000_000])
def test_a_client_that_waits_for_leave_gets_it(server: int, length: int) -> None:
    head = f"POST /echo/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"x" * length)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_large_body_that_is_refused_is_not_asked_for(server: int) -> None:
    head = b"POST /refused/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n"
    found = raw(server, head)
    assert found.startswith(b"HTTP/1.1 413 ")
    assert found.endswith(b"too large\n")


def test_who_sends_on_after_a_refusal_still_sees_it(server: int) -> None:
    head = b"POST /refused/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    assert raw(server, head, *[b"x" * 500_000] * 10).endswith(b"too large\n")


def test_a_large_body_that_comes_too_slowly_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path / "log") as (port, process):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"POST /echo/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nx")
            assert connection.recv(1000) == b""
        eventually(lambda: held_by(process) == 0)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"\r\n\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 1\r\n\r\na", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\na", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"POST /echo/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", b"400"),
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(server: int, request_: bytes, status: bytes) -> None:
    assert raw(server, request_).startswith(b"HTTP/1.1 " + status)
    assert answers(server)


def test_what_has_begun_is_ended_before_a_stop(tmp_path: Path) -> None:
    found: list[tuple[int, bytes]] = []
    with serving(tmp_path / "log") as (port, process):
        asking = threading.Thread(target=lambda: found.append(ask(port, "GET", "/slow/")))
        with slow_connections(("127.0.0.1", port), "localhost", ["silent", "headers", "idle"], 20):
            asking.start()
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            asking.join()
            assert process.wait(30) == 0
    assert found == [(200, b"ok\n")]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process for pages, one for what is expensive."""
    with serving(tmp_path_factory.mktemp("server") / "log", WORKERS="2") as server:
        eventually(lambda: len(psutil.Process(server[1].pid).children()) == 2)
        yield server


def process_of(port: int, path: str, body: bytes | None = None) -> tuple[int, int]:
    """Process and nice value of who answers."""
    status, answer = ask(port, "GET" if body is None else "POST", path, body)
    process, niceness, digest = answer.decode().split()
    assert (status, digest) == (200, sha256(body or b"").hexdigest())
    return int(process), int(niceness)


@pytest.mark.parametrize("size", [0, 1, FORM])
def test_what_is_expensive_is_answered_by_a_process_that_gives_way(two: Server, size: int) -> None:
    port, _process = two
    page, usual = process_of(port, "/process/", os.urandom(size))
    expensive, lower = process_of(port, "/expensive/process/", os.urandom(size))
    assert expensive != page
    assert lower == min(19, usual + 10)
    assert process_of(port, "/process/")[0] == page


def test_a_large_body_is_taken_over_with_what_has_arrived_of_it(two: Server) -> None:
    port, _process = two
    assert process_of(port, "/process/", os.urandom(5_000_000)) == process_of(port, "/expensive/process/")


def test_what_is_taken_over_ends_its_connection(two: Server) -> None:
    request_ = b"GET /expensive/process/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert b"\r\nConnection: close\r\n" in raw(two[0], request_ + request_)


def test_a_client_who_has_gone_meanwhile_does_no_harm(two: Server) -> None:
    port, _process = two
    expensive = psutil.Process(process_of(port, "/expensive/process/")[0])
    expensive.suspend()
    for _number in range(10):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /expensive/process/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.02)
    expensive.resume()
    assert process_of(port, "/expensive/process/")[0] == expensive.pid


def test_where_the_process_for_it_is_stuck_what_is_expensive_is_refused_and_pages_go_on(two: Server) -> None:
    port, _process = two
    expensive = psutil.Process(process_of(port, "/expensive/process/")[0])
    expensive.suspend()
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _number in range(60)]
    for connection in connections:
        connection.request("POST", "/expensive/process/", b"x" * 50_000)
        assert answers(port)
    expensive.resume()
    statuses = [connection.getresponse().status for connection in connections]
    assert set(statuses) == {200, 503}
    assert process_of(port, "/expensive/process/")[0] == expensive.pid


def test_another_process_takes_over_from_one_that_dies(tmp_path: Path) -> None:
    with serving(tmp_path / "log", WORKERS="2") as (port, _process):
        dead = process_of(port, "/expensive/process/")[0]
        os.kill(dead, signal.SIGKILL)
        alive = process_of(port, "/expensive/process/")[0]
        assert alive != dead
        assert process_of(port, "/process/")[0] not in {alive, dead}


def test_the_limit_of_connections_holds_for_what_is_taken_over(tmp_path: Path) -> None:
    with serving(tmp_path / "log", WORKERS="2", CONNECTIONS="6") as (port, _process):
        expensive = psutil.Process(process_of(port, "/expensive/process/")[0])
        with ThreadPoolExecutor(16) as pool:
            asked = []
            for _number in range(16):
                asked.append(pool.submit(ask, port, "GET", "/expensive/slow/", seconds=60))
                # It is handed over before the next comes, or the process for pages would meet its own limit.
                time.sleep(0.2)
            assert len(expensive.net_connections("tcp")) <= 6
            assert answers(port)
            assert {one.result()[0] for one in asked} == {200}


def test_what_takes_over_does_not_listen(two: Server) -> None:
    port, _process = two
    expensive = psutil.Process(process_of(port, "/expensive/process/")[0])
    assert not [one for one in expensive.net_connections("tcp") if one.status == psutil.CONN_LISTEN]


def test_what_was_handed_over_before_a_stop_is_answered(tmp_path: Path) -> None:
    with serving(tmp_path / "log", WORKERS="2") as (port, process):
        expensive = psutil.Process(process_of(port, "/expensive/process/")[0])
        expensive.suspend()
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(ask, port, "GET", "/expensive/process/", seconds=20) for _number in range(3)]
            time.sleep(0.5)
            process.terminate()
            expensive.resume()
            assert {one.result()[0] for one in asked} == {200}


def test_leading_zeros_of_a_length_change_nothing() -> None:
    ours, theirs = socket.socketpair()
    connection = Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.sock.received += b"POST / HTTP/1.1\r\nContent-Length: " + b"0" * 30 + b"20\r\n\r\nx"
    assert connection.arrived() is Arrived.PART_OF_BODY
    connection.discard()
    theirs.close()


class Sink:
    """A client that takes whatever it is sent."""

    taken = 0

    def send(self, data: bytes) -> int:
        self.taken += len(data)
        return len(data)


def test_a_fast_client_lets_others_have_their_turn() -> None:
    output, sink = Output(), Sink()
    output.write(b"x" * 5_000_000)
    turns = 0
    while not output.is_empty:
        assert 0 < output.send(sink) < 2_000_000  # type: ignore[arg-type]
        turns += 1
    assert (sink.taken, turns) == (5_000_000, 5)


def test_where_too_much_waits_to_be_sent_the_largest_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_MOST_OUTPUT", 1_000_000)
    bounded = worker.BufferingWorker(1, 1, [], None, 1, Config(), None)
    pairs = [socket.socketpair() for _size in range(4)]
    sizes = {}
    for (ours, _theirs), size in zip(pairs, (300_000, 900_000, 0, 400_000), strict=True):
        connection = Connection(bounded.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        connection.sock.sendall(b"x" * size)
        bounded.waiting[connection] = None
        sizes[connection] = size
    monkeypatch.setattr(bounded, "drop", bounded.waiting.pop)
    bounded.bound_output()
    assert [sizes[one] for one in bounded.waiting] == [300_000, 0, 400_000]
    for one in sizes:
        one.discard()
    bounded.tmp.close()
    for _ours, theirs in pairs:
        theirs.close()
