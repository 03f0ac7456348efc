"""Connections passed from one process to another, with what has arrived on them."""

import socket
from collections.abc import Callable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Any]
# The head of a request, a form and a piece more.
_LARGEST = 512 * 1024


class Handover:
    """A queue in the kernel that all processes forked from the one that made it share; none of its operations waits."""

    def __init__(self) -> None:
        self._outbox, self._inbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._outbox.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
        for end in (self._outbox, self._inbox):
            end.setblocking(False)  # noqa: FBT003 - as sockets have it

    def fileno(self) -> int:
        """Readable where there is something to take."""
        return self._inbox.fileno()

    def give(self, connection: socket.socket, received: bytes) -> None:
        """Raises OSError where the queue is full."""
        socket.send_fds(self._outbox, [received], [connection.fileno()])

    def take(self) -> tuple[socket.socket, bytes]:
        """Raises OSError where there is none, or where this process has too many files open."""
        received, descriptors, _flags, _sender = socket.recv_fds(self._inbox, _LARGEST, 1)
        if not descriptors:
            raise OSError("The connection could not be taken.")
        return socket.socket(fileno=descriptors[0]), received


class HandedOver(BaseException):
    """Another process answers: passes by everything that turns an exception into a response."""


def relieved(application: Application, hands_over: Callable[[Environ], bool]) -> Application:
    """The application without the requests that are handed over."""

    def answer(environ: Environ, start_response: Any) -> Any:
        if hands_over(environ):
            raise HandedOver
        return application(environ, start_response)

    return answer
