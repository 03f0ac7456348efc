"""The keeper of the embedded PostgreSQL: `python -m deploy.development.servers.keeper HOME STATUS_FD`.

A process of its own, started by the first command that needs the database. It starts the server, starts it again should
it die, and stops it once nobody holds the users' lock any more, however the users ended. Its server shuts down when the
keeper itself dies, and the next command starts another keeper.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from config.errors import StartError
from deploy.development.servers import locks, postgres, processes, sequences
from deploy.development.servers.errors import from_log, from_os_error, size_of
from deploy.development.servers.folders import make_socket_folder, remove_socket_folder
from deploy.development.servers.signals import SignalWaiter

READY = "ready"
_LOOK_FOR_USERS = 0.5
_RECOVERY_SECONDS = 1800.0
_LONGEST_PAUSE = 10.0

logger = logging.getLogger(__name__)


class Keeper:
    """Keeps one server running until nobody uses it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.signals = SignalWaiter(signal.SIGTERM, signal.SIGINT)
        self.users = locks.users(home)
        self.server: subprocess.Popen[bytes] | None = None
        self.failures = 0

    def start(self) -> None:
        """Start the server, wait until it takes connections, and mend what a crash left."""
        make_socket_folder(self.home)
        log = postgres.log_file(self.home)
        since = size_of(log)
        ended_in_order = postgres.ended_in_order(self.home)
        self.server = postgres.start(self.home)
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while postgres.ready_process(self.home) != self.server.pid:
            if self.server.poll() is not None:
                raise from_log("PostgreSQL did not start", log, since)
            if time.monotonic() > deadline or self.signals.stopping:
                raise StartError(f"PostgreSQL did not get ready (see {log}).")
            time.sleep(0.01)
        if not ended_in_order:
            sequences.raise_to_rows(self.home)

    def keep(self) -> None:
        """Until nobody uses the server, or somebody says stop."""
        while not self.signals.stopping and not self.users.take(wait=False):
            self.users.release()
            self.signals.wait(_LOOK_FOR_USERS)
            if self.server is not None and self.server.poll() is not None:
                self._start_again(self.server.returncode)

    def _start_again(self, status: int) -> None:
        """The server's remaining children have to be gone first, or the new one would find its memory in use."""
        logger.warning("PostgreSQL ended with status %s; starting it again", status)
        postgres.clear_leftovers(self.home, signal.SIGKILL)
        try:
            self.start()
        except StartError as error:
            self.failures += 1
            logger.warning("%s", error)
            self.signals.wait(min(_LONGEST_PAUSE, 0.2 * 2**self.failures))
        else:
            self.failures = 0

    def stop(self) -> None:
        """Shut the server down in order."""
        if self.server is not None:
            processes.stop(self.server, postgres.STOP_STEPS)
        remove_socket_folder(self.home)


def run(home: Path, status: int) -> int:
    """Keep the server of a home, telling the process that started us when it is ready or why it is not."""
    own = locks.keeper(home)
    if not own.take(wait=False):
        _tell(status, "Another keeper of the embedded database is at work.")
        return 1
    own.sign()
    keeper = Keeper(home)
    try:
        postgres.clear_leftovers(home)
        postgres.create_cluster(home)
        keeper.start()
        _tell(status, READY)
        keeper.keep()
    except StartError as error:
        _tell(status, str(error))
        return 1
    except OSError as error:
        _tell(status, str(from_os_error(error, home)))
        return 1
    finally:
        keeper.stop()
        # In this order: who sees the users' lock free has to see that no keeper is there.
        own.release()
        keeper.users.release()
    return 0


def _tell(status: int, message: str) -> None:
    try:
        os.write(status, f"{message}\n".encode())
        os.close(status)
    except OSError:
        logger.info("%s", message)


def main() -> None:
    """Leave the process that started us: it must be free to end before we do."""
    home, status = Path(sys.argv[1]), int(sys.argv[2])
    if os.fork():
        os._exit(0)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(run(home, status))


if __name__ == "__main__":
    main()
