"""Starts the processes that read files: forked from one that this process keeps for them (`fork_server`).

That one is a program of its own, with none of this process's memory, settings or connections.
"""

import atexit
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from typing import Any, NamedTuple

SERVER = "core.imports.services.files.fork_server"
# To find the interpreter and the code.
NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
NUMBER = struct.Struct("<i")
# Status, seconds of a processor, most kilobytes of memory.
END = struct.Struct("<idq")
_STDERR = 2


class End(NamedTuple):
    """How a reader ended: its status, or the number of the signal, negative; and what it has used."""

    status: int
    seconds: float
    kilobytes: int


class Reader:
    """A process that reads one file, with the ends of its standard input and output."""

    def __init__(self, pid: int, own: socket.socket, requests: int, answers: int) -> None:
        self.pid = pid
        self.stdin, self.stdout = os.fdopen(requests, "wb", 0), os.fdopen(answers, "rb", 0)
        self._socket = own
        self._end: End | None = None

    def kill(self) -> None:
        if self._end is None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def wait(self) -> End:
        if self._end is None:
            # Where the server was killed, its readers were with it, and nobody tells.
            told = _read(self._socket, END)
            self._end = End(*told) if told else End(-signal.SIGKILL, 0.0, 0)
            self._socket.close()
        return self._end


class _ForkServer:
    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            # Neither the settings' secrets nor the database's connection go along.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", SERVER],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8", **{name: os.environ[name] for name in NEEDED if name in os.environ}},
            )

    def start(self) -> Reader | None:
        """None where the server is gone, or can start nothing more."""
        (stdin, requests), (answers, stdout) = os.pipe(), os.pipe()
        own, others = socket.socketpair()
        with ExitStack() as ours:
            ours.callback(own.close)
            ours.callback(os.close, requests)
            ours.callback(os.close, answers)
            try:
                with suppress(BrokenPipeError):
                    socket.send_fds(self._socket, [b"+"], [stdin, stdout, _STDERR, others.fileno()])
            finally:
                others.close()
                os.close(stdin)
                os.close(stdout)
            told = _read(own, NUMBER)
            if told is None:
                return None
            ours.pop_all()
            return Reader(told[0], own, requests, answers)

    def forget(self) -> None:
        """In a process that was forked from the server's owner."""
        self._socket.close()
        # Not its child.
        self._process.returncode = 0

    def stop(self) -> None:
        self._socket.close()
        self._process.wait()


class _Readers:
    """The fork server of this process, started with its first reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: _ForkServer | None = None

    def start(self) -> Reader:
        with self._lock:
            # One that was killed is replaced.
            for server in (self._server, None):
                self._server = server or _ForkServer()
                reader = self._server.start()
                if reader is not None:
                    return reader
                self._server.stop()
                self._server = None
        raise OSError("No process can be started to read a file.")

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def leave_to_parent(self) -> None:
        """After a fork: the child has a server of its own."""
        if self._server is not None:
            self._server.forget()
        self._lock, self._server = threading.Lock(), None


_readers = _Readers()
os.register_at_fork(after_in_child=_readers.leave_to_parent)
atexit.register(_readers.stop)


def start_reader() -> Reader:
    return _readers.start()


def _read(told: socket.socket, what: struct.Struct) -> tuple[Any, ...] | None:
    """None where the other side is gone."""
    try:
        data = told.recv(what.size)
    except ConnectionResetError:
        return None
    return what.unpack(data) if data else None
