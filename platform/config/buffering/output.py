"""Buffers a response until the client has received it."""

import os
import socket
from tempfile import SpooledTemporaryFile
from typing import IO

_IN_MEMORY = 256 * 1024
_PIECE = 256 * 1024
# Bytes sent per turn, so that a fast client does not starve others.
_TURN = 1024 * 1024


class _Written:
    """Buffered bytes, spooled to disk beyond a size."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the output
        self._piece = memoryview(b"")
        self._sending = False
        # Bytes held in memory or on disk.
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)

    def send(self, connection: socket.socket) -> int:
        if not self._sending:
            self._file.seek(0)
            self._sending = True
        if not self._piece:
            self._piece = memoryview(self._file.read(_PIECE))
        if not self._piece:
            return 0
        sent = connection.send(self._piece)
        self._piece = self._piece[sent:]
        return sent

    def close(self) -> None:
        self._file.close()


class _PartOfFile:
    """A stretch of a file, which the kernel sends without our reading it."""

    size = 0

    def __init__(self, file: IO[bytes], offset: int, count: int) -> None:
        self._descriptor = os.dup(file.fileno())
        self._offset = offset
        self._left = count

    def send(self, connection: socket.socket) -> int:
        if not self._left:
            return 0
        sent = os.sendfile(connection.fileno(), self._descriptor, self._offset, min(self._left, _PIECE))
        if not sent:
            raise ConnectionError("The file is shorter than the response says.")
        self._offset += sent
        self._left -= sent
        return sent

    def close(self) -> None:
        os.close(self._descriptor)


class Output:
    """The response: buffered bytes and parts of files, in order."""

    def __init__(self) -> None:
        self._parts: list[_Written | _PartOfFile] = []

    def write(self, data: bytes) -> None:
        last = self._parts[-1] if self._parts else None
        if not isinstance(last, _Written):
            last = _Written()
            self._parts.append(last)
        last.write(data)

    def write_file(self, file: IO[bytes], offset: int, count: int) -> None:
        self._parts.append(_PartOfFile(file, offset, count))

    def send(self, connection: socket.socket) -> int:
        """Send what the connection accepts without blocking; return how much. Raises OSError."""
        sent = 0
        try:
            while self._parts and sent < _TURN:
                step = self._parts[0].send(connection)
                sent += step
                if not step:
                    self._parts.pop(0).close()
        except BlockingIOError:
            pass
        return sent

    @property
    def size(self) -> int:
        """Buffered bytes."""
        return sum(part.size for part in self._parts)

    @property
    def is_empty(self) -> bool:
        return not self._parts

    def close(self) -> None:
        while self._parts:
            self._parts.pop().close()
