"""The parent's side: starts the child that reads a file, asks it, and ends it. Nothing of the file is opened here."""

import fcntl
import json
import logging
import marshal
import math
import os
import select
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.imports.services.files.batches import RowBatch
from core.imports.services.files.problems import TOO_MUCH_MEMORY
from core.imports.services.files.readers import start_reader
from core.shared.errors import AppError

# A pipe that holds some chunks, so that both sides work at once.
PIPE_SIZE = 1 << 20
_HEADER = struct.Struct("<I")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What a child may use: CPU time for each 100 MB of the file, and the time its parent waits for it in all."""

    cpu_seconds: int
    wait_seconds: int
    memory: int = 220 << 20

    def cpu_seconds_for(self, path: Path) -> int:
        return self.cpu_seconds * math.ceil(max(path.stat().st_size, 1) / 100_000_000)


LOOK_LIMITS = Limits(cpu_seconds=20, wait_seconds=120)
IMPORT_LIMITS = Limits(cpu_seconds=300, wait_seconds=1800)


class FileProcess:
    """One child, which reads one file. To be closed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._patience = float(limits.wait_seconds)
        self._buffer = bytearray()
        self.told: dict[str, Any] = {}
        self._process = start_reader()
        self._requests, self._answers = self._process.stdin, self._process.stdout
        # More than the system lets one user have, they stay as they are.
        with suppress(OSError):
            fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        cpu = limits.cpu_seconds_for(path)
        self._send({"path": str(path.absolute()), "cpu_seconds": cpu, "memory": limits.memory})

    def ask(self, **request: Any) -> Any:
        """Raises AppError for what is wrong with the file, and where a limit is met."""
        self._send(request)
        return self._receive()[1]

    def rows(self, *, chunks: int | None) -> Iterator[RowBatch]:
        """Once they are through, `told` has what was found on the way."""
        self._send({"do": "rows", "chunks": chunks})
        while True:
            word, payload = self._receive()
            if word == "end":
                self.told = payload
                return
            yield RowBatch(*payload)

    def close(self) -> None:
        try:
            self._process.kill()
            self._process.wait()
        finally:
            self._requests.close()
            self._answers.close()

    def _send(self, request: dict[str, Any]) -> None:
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError as error:
            raise self._ended() from error

    def _receive(self) -> tuple[str, Any]:
        (size,) = _HEADER.unpack(self._bytes(_HEADER.size))
        word, payload = marshal.loads(self._bytes(size))  # noqa: S302 - our own child's
        if word == "problem":
            code, message, values, line = payload
            extra = {} if line is None else {"line": line}
            raise AppError(code, _(message) % values, field="file", **extra)
        return word, payload

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._wait()
            data = os.read(self._answers.fileno(), PIPE_SIZE)
            if not data:
                raise self._ended()
            self._buffer += data
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _wait(self) -> None:
        answers = select.poll()
        answers.register(self._answers, select.POLLIN)
        began = time.monotonic()
        ready = answers.poll(self._patience * 1000)
        self._patience = max(0.0, self._patience - (time.monotonic() - began))
        if not ready:
            raise _too_slow()

    def _ended(self) -> AppError:
        end = self._process.wait()
        if end.status == -signal.SIGXCPU:
            return _too_slow()
        if end.status == -signal.SIGABRT:
            # How a library ends a process that gets no more memory.
            return AppError("too_much_memory", _(TOO_MUCH_MEMORY), field="file")
        logger.error("A reader process ended with status %d after %.1f s, with %d KB.", *end)
        message = _("Something in this file keeps it from being read. Save it again, best as CSV in UTF-8.")
        return AppError("unreadable_file", message, field="file")


def _too_slow() -> AppError:
    message = _("Reading this file takes too long. Save the sheet as CSV in UTF-8, or split it.")
    return AppError("too_slow", message, field="file")
