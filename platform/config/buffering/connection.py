"""A connection: the request received so far, the response to send, and deadlines."""

import errno
import re
import select
import socket
import time
from enum import Enum, auto
from typing import IO

from django.conf import settings
from gunicorn.workers.gthread import TConn

from config.buffering.output import Output

LARGEST_HEAD = 64 * 1024
HEAD_SECONDS = 10.0
# A client that transfers less than this per window is disconnected.
WINDOW_SECONDS = 20.0
SLOWEST_BYTES_A_SECOND = 1024
# Stricter for streamed bodies, since each occupies a thread.
SLOWEST_STREAM_BYTES_A_SECOND = 8 * 1024
LONGEST_STREAM_SECONDS = 3600.0

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_HAS_LENGTH = re.compile(rb"\r\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Arrived(Enum):
    """How much of a request has arrived."""

    NOTHING = auto()
    PART_OF_HEAD = auto()
    PART_OF_BODY = auto()
    HEAD = auto()
    ALL = auto()
    TOO_LARGE_HEAD = auto()


class Pace:
    """Checks a minimum transfer rate per time window."""

    def __init__(self, bytes_a_second: int) -> None:
        self._needed = bytes_a_second * WINDOW_SECONDS
        self._moved = 0
        self.deadline = time.monotonic() + WINDOW_SECONDS

    def moved(self, count: int) -> None:
        self._moved += count

    def is_too_slow(self, now: float) -> bool:
        if now < self.deadline:
            return False
        slow = self._moved < self._needed
        self._moved = 0
        self.deadline = now + WINDOW_SECONDS
        return slow


class BufferedSocket:
    """The socket that gunicorn's parser and response use: reads come from the buffer, writes never block.

    Only gunicorn's parser interprets requests. How much has arrived is estimated here; if the estimate is wrong, the
    parser meets the end of the input.
    """

    def __init__(self, real: socket.socket) -> None:
        self.real = real
        self.received = bytearray()
        self.output = Output()
        self.streams = False
        self._pace = Pace(SLOWEST_STREAM_BYTES_A_SECOND)
        self._streams_until = 0.0
        self._continue_due = False

    def fileno(self) -> int:
        return self.real.fileno()

    def recv(self, size: int) -> bytes:
        if self.received:
            data = bytes(self.received[:size])
            del self.received[:size]
            return data
        return self._recv_now(size) if self.streams else b""

    def start_streaming(self) -> None:
        self.streams = True
        self._pace = Pace(SLOWEST_STREAM_BYTES_A_SECOND)
        self._streams_until = time.monotonic() + LONGEST_STREAM_SECONDS

    def _recv_now(self, size: int) -> bytes:
        """Wait for more of a streamed body. Raises OSError if it is too slow."""
        if self._continue_due:
            self._continue_due = False
            self.real.send(_CONTINUE)
        while True:
            now = time.monotonic()
            if self._pace.is_too_slow(now) or now > self._streams_until:
                raise ConnectionResetError(errno.ECONNRESET, "The request comes too slowly.")
            try:
                data = self.real.recv(size)
            except BlockingIOError:
                poll = select.poll()
                poll.register(self.real, select.POLLIN)
                poll.poll(max(0.0, self._pace.deadline - now) * 1000 + 1)
            else:
                self._pace.moved(len(data))
                return data

    def send(self, data: bytes) -> int:
        """Postpone gunicorn's 100 Continue until the body is read, so that a refused client need not send it."""
        self._continue_due = self.streams
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.output.write(data)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int = 0) -> None:
        self.output.write_file(file, offset, count)

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing waits here."""

    def setblocking(self, _flag: bool) -> None:  # noqa: FBT001 - as of a socket
        """Nothing waits here."""

    def shutdown(self, _how: int) -> None:
        """The worker's to do, once all is sent."""

    def close(self) -> None:
        """The worker's to do, once all is sent."""


class Connection(TConn):
    """A client connection, over all its requests."""

    sock: BufferedSocket

    def __init__(self, cfg: object, real: socket.socket, client: object, server: object) -> None:
        super().__init__(cfg, BufferedSocket(real), client, server)
        self.data_ready = True
        self.keeps = False
        # The data received when a thread got the request, for handing it over to another process.
        self.request = b""
        self.is_handed_over = False
        # Deadline or minimum pace; `brief` means it can be closed without losing anything.
        self.deadline = 0.0
        self.pace: Pace | None = None
        self.brief = True
        self.discarded = 0
        self._searched = 0
        self._whole: int | None = None

    def next_request(self) -> None:
        """Put back the bytes of the next request that the parser has read."""
        if self.parser is not None:
            self.sock.received[:0] = self.parser.unreader.take_buffered()
        self._searched, self._whole = 0, None
        self.request = b""

    def arrived(self) -> Arrived:
        """Return how much of the request has arrived; cheap, since it is called for every packet."""
        received = self.sock.received
        if self._whole is None:
            end = received.find(b"\r\n\r\n", max(0, self._searched - 3))
            self._searched = len(received)
            if end < 0 and len(received) > LARGEST_HEAD:
                return Arrived.TOO_LARGE_HEAD
            if end < 0:
                return Arrived.PART_OF_HEAD if received else Arrived.NOTHING
            self._look_at(bytes(received[: end + 4]))
        if self.sock.streams:
            return Arrived.HEAD
        return Arrived.ALL if len(received) >= (self._whole or 0) else Arrived.PART_OF_BODY

    def _look_at(self, head: bytes) -> None:
        """Find the end of the request, or start streaming a large body."""
        lengths = _LENGTH.findall(head)
        length = int(lengths[0]) if lengths else 0
        self._whole = len(head) + length
        # A larger body is a file upload: the view checks permissions first and then reads it as it arrives.
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE or len(_HAS_LENGTH.findall(head)) != len(lengths):
            self.sock.start_streaming()
        elif length and _EXPECTS.search(head) and len(self.sock.received) < self._whole:
            self.sock.real.send(_CONTINUE)

    def is_late(self, now: float) -> bool:
        return self.pace.is_too_slow(now) if self.pace is not None else now >= self.deadline

    def discard(self) -> None:
        """Close socket and buffers."""
        self.sock.output.close()
        self.sock.real.close()
