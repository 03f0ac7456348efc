"""Hands connections over to another process, with the data received so far."""

import socket
from collections.abc import Callable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Any]
# Fits a request's head and a form.
_MAX_MESSAGE = 512 * 1024


class Handover:
    """A non-blocking queue in the kernel, shared by all processes forked after its creation."""

    def __init__(self) -> None:
        self._outbox, self._inbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._outbox.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MAX_MESSAGE)
        for end in (self._outbox, self._inbox):
            end.setblocking(False)  # noqa: FBT003 - as sockets have it

    def fileno(self) -> int:
        """Return a descriptor that is readable when a connection waits."""
        return self._inbox.fileno()

    def give(self, connection: socket.socket, received: bytes) -> None:
        """Put a connection into the queue. Raises OSError if it is full."""
        socket.send_fds(self._outbox, [received], [connection.fileno()])

    def take(self) -> tuple[socket.socket, bytes]:
        """Take a connection. Raises OSError if there is none, or too many files are open."""
        received, descriptors, _flags, _sender = socket.recv_fds(self._inbox, _MAX_MESSAGE, 1)
        if not descriptors:
            raise OSError("The connection could not be taken.")
        return socket.socket(fileno=descriptors[0]), received


class HandedOver(BaseException):
    """Another process answers. A BaseException, so that nothing turns it into an error response."""


def with_handover(application: Application, hands_over: Callable[[Environ], bool]) -> Application:
    """Wrap the application so that it hands over the requests that `hands_over` selects."""

    def answer(environ: Environ, start_response: Any) -> Any:
        if hands_over(environ):
            raise HandedOver
        return application(environ, start_response)

    return answer
