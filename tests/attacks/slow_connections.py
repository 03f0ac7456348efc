"""Connections held open by clients that are slow on purpose, for tests and by hand:

python -m tests.attacks.slow_connections yueyan.localhost 8000 --count 200 --seconds 60
"""

import argparse
import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice

FORM = "application/x-www-form-urlencoded"
FILE = '--B\r\nContent-Disposition: form-data; name="file"; filename="slow.csv"\r\n\r\n'


@dataclass(frozen=True)
class Kind:
    """What a slow client sends at first; then it sends or reads a byte a second, or does nothing.

    One that `stays` does not close when the server has said that it is done.
    """

    opening: str
    sends: bool = False
    reads: bool = False
    stays: bool = False


def _request(method: str, path: str, *headers: str, body: str = "") -> str:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: HOST", *headers, "", body])


KINDS = {
    "silent": Kind(""),
    "headers": Kind("GET /sign-in/ HTTP/1.1\r\nHost: HOST\r\nX-Slow: ", sends=True),
    "form": Kind(_request("POST", "/sign-in/", f"Content-Type: {FORM}", "Content-Length: 50000"), sends=True),
    "large form": Kind(
        _request("POST", "/sign-in/", f"Content-Type: {FORM}", "Content-Length: 9999999999"), sends=True
    ),
    "upload": Kind(
        _request(
            "POST",
            "/imports/new/",
            "Content-Type: multipart/form-data; boundary=B",
            "Content-Length: 500000000",
            body=FILE,
        ),
        sends=True,
    ),
    "chunks": Kind(
        _request("POST", "/sign-in/", f"Content-Type: {FORM}", "Transfer-Encoding: chunked", body="100000\r\n"),
        sends=True,
    ),
    "idle": Kind(_request("GET", "/healthz")),
    "unclosed": Kind(_request("GET", "/healthz", "Connection: close"), sends=True, stays=True),
    # More than the buffers of the kernel hold.
    "reader": Kind(_request("GET", "/static/unfold/css/styles.css") * 50, reads=True),
}


@dataclass
class SlowConnections:
    """The connections that are held, and how many the server has closed."""

    address: tuple[str, int]
    sockets: dict[socket.socket, Kind] = field(default_factory=dict)
    closed: int = 0

    @property
    def held(self) -> int:
        return len(self.sockets)

    def open(self, host: str, kinds: Sequence[str], count: int, cookie: str = "") -> None:
        """So many of each kind, one kind after the other."""
        host += f"\r\nCookie: {cookie}" if cookie else ""
        for name in islice(cycle(kinds), count * len(kinds)):
            kind = KINDS[name]
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if kind.reads:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.settimeout(30)
            connection.connect(self.address)
            connection.settimeout(0)
            self.sockets[connection] = kind
            self._try(connection, partial(connection.send, kind.opening.replace("HOST", host).encode()))

    def trickle(self, stop: threading.Event) -> None:
        """A byte each, every second."""
        while not stop.wait(1.0):
            for connection, kind in list(self.sockets.items()):
                if kind.sends:
                    self._try(connection, partial(connection.send, b"a"))
                if kind.reads:
                    self._try(connection, partial(connection.recv, 1))
            self._notice_closed()

    def _notice_closed(self) -> None:
        with selectors.DefaultSelector() as selector:
            # Others are opened meanwhile.
            for connection, kind in list(self.sockets.items()):
                # A reader's end comes behind all that it has not read.
                if not kind.reads and not kind.stays:
                    selector.register(connection, selectors.EVENT_READ, connection)
            for key, _events in selector.select(0):
                self._try(key.data, partial(self._read_to_the_end, key.data))

    def _read_to_the_end(self, connection: socket.socket) -> None:
        while connection.recv(65536):
            pass
        self._drop(connection)

    def _try(self, connection: socket.socket, act: Callable[[], object]) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                act()
            except ConnectionError:
                self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        del self.sockets[connection]
        self.closed += 1
        connection.close()

    def close(self) -> None:
        for connection in self.sockets:
            connection.close()
        self.sockets.clear()


@contextmanager
def slow_connections(
    address: tuple[str, int], host: str, kinds: Sequence[str] = tuple(KINDS), count: int = 200, cookie: str = ""
) -> Iterator[SlowConnections]:
    """Hold `count` connections of each kind for the time of the block; `cookie` is that of someone signed in."""
    slow, stop = SlowConnections(address), threading.Event()
    slow.open(host, kinds, count, cookie)
    thread = threading.Thread(target=slow.trickle, args=[stop], daemon=True)
    thread.start()
    try:
        yield slow
    finally:
        stop.set()
        thread.join()
        slow.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="all of them unless given")
    parser.add_argument("--count", type=int, default=200, help="of each kind")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cookie", default="", help="such as sessionid=…, for uploads of someone signed in")
    given = parser.parse_args()
    kinds = given.kind or tuple(KINDS)
    with slow_connections((given.address, given.port), given.host, kinds, given.count, given.cookie) as slow:
        end = time.monotonic() + given.seconds
        while time.monotonic() < end:
            print(f"{slow.held} held, {slow.closed} closed by the server", flush=True)  # noqa: T201
            time.sleep(5)


if __name__ == "__main__":
    main()
