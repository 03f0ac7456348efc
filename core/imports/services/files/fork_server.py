"""The process that the readers of files are forked from, so that none has to load its modules first.

Each process that reads files starts one afresh. It sees no file itself, and ends with the process it belongs to. Its
standard input is a socket: each byte brings the descriptors of one reader, for its standard input, output and errors,
and a socket of its own. There the server tells the reader's number, and how it ended; a reader whose socket has
come to its end is killed.
"""

import ctypes
import gc
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import NoReturn

from core.imports.services.files import child
from core.imports.services.files.readers import END, NUMBER

DESCRIPTORS = 4
PR_SET_PDEATHSIG = 1


def main() -> None:
    # Ctrl-C reaches the whole group; whoever reads a file decides what becomes of its reader.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What all readers have alike stays shared memory.
    gc.freeze()
    server = _Server(socket.socket(fileno=0))
    while server.serve():
        pass
    server.kill_readers()


class _Server:
    def __init__(self, owner: socket.socket) -> None:
        self._owner = owner
        # By the descriptor of its socket, with its process.
        self._readers: dict[int, tuple[socket.socket, int]] = {}
        self._ends, self._end = os.pipe()
        os.set_blocking(self._end, False)
        signal.set_wakeup_fd(self._end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_signal: None)

    def serve(self) -> bool:
        """What comes next. False once the owner is gone."""
        events = select.poll()
        for descriptor in (self._owner.fileno(), self._ends, *self._readers):
            events.register(descriptor, select.POLLIN)
        for descriptor, _event in events.poll():
            if descriptor == self._ends:
                os.read(self._ends, 4096)
                for reader in list(self._readers):
                    self._note_end(reader, os.WNOHANG)
            elif descriptor in self._readers:
                os.kill(self._readers[descriptor][1], signal.SIGKILL)
                self._note_end(descriptor)
            elif descriptor == self._owner.fileno() and not self._take_request():
                return False
        return True

    def kill_readers(self) -> None:
        for _socket, process in self._readers.values():
            os.kill(process, signal.SIGKILL)

    def _note_end(self, descriptor: int, options: int = 0) -> None:
        its_socket, process = self._readers[descriptor]
        ended, status, used = os.wait4(process, options)
        if ended:
            with suppress(BrokenPipeError):
                seconds = used.ru_utime + used.ru_stime
                its_socket.send(END.pack(os.waitstatus_to_exitcode(status), seconds, used.ru_maxrss))
            its_socket.close()
            del self._readers[descriptor]

    def _take_request(self) -> bool:
        said, descriptors, _flags, _address = socket.recv_fds(self._owner, 1, DESCRIPTORS)
        if not said:
            return False
        *standard, own = descriptors
        its_socket, server = socket.socket(fileno=own), os.getpid()
        try:
            process = os.fork()
        except OSError:
            # There can be no further process; without a number, it is none.
            its_socket.close()
        else:
            if process == 0:
                its_socket.close()
                self._become_reader(standard, server)
            self._readers[own] = its_socket, process
            with suppress(BrokenPipeError):
                its_socket.send(NUMBER.pack(process))
        for descriptor in standard:
            os.close(descriptor)
        return True

    def _become_reader(self, standard: list[int], server: int) -> NoReturn:
        """With nothing of the server's but its modules, and no longer than it."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for its_socket, _process in self._readers.values():
                its_socket.close()
            os.close(self._ends)
            os.close(self._end)
            for number, descriptor in enumerate(standard):
                os.dup2(descriptor, number)
                os.close(descriptor)
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == server:
                child.main()
                status = 0
        except BaseException as error:  # noqa: BLE001 - of whatever kind, it is said, and the process ends
            child.say_where(error)
        os._exit(status)


if __name__ == "__main__":
    main()
