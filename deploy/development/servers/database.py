"""Using the embedded database together with whoever else does: the first to come starts it, the last to go stops it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import StartError
from deploy.development.servers import bootstrap, keeper, locations, locks, postgres
from deploy.development.servers.errors import from_os_error
from deploy.development.servers.folders import make_folders, make_socket_folder

_SECONDS_TO_RECOVER = 1800.0
_SECONDS_TO_STOP = 150.0


class SharedDatabase:
    """Our share in the embedded database of one home; `prepared` sees that the application's database is in it."""

    def __init__(self, home: Path, *, prepared: bool = True) -> None:
        self.home = home
        self.prepared = prepared
        self._users = locks.users(home)

    def join(self) -> None:
        """Return with the database started, prepared and taking connections."""
        make_folders(self.home)
        try:
            with locks.starting(self.home):
                self._users.take(shared=True)
                make_socket_folder(self.home)
                ensure_keeper(self.home)
                if self.prepared:
                    bootstrap.ensure_prepared(self.home)
        except OSError as error:
            self.leave()
            raise from_os_error(error, self.home) from error
        except StartError:
            self.leave()
            raise

    def renew(self) -> None:
        """Have a keeper again where the former one was killed."""
        if locks.keeper(self.home).holder() is None:
            with locks.starting(self.home):
                ensure_keeper(self.home)

    def leave(self) -> None:
        """Give our share back; the last one sees the database stopped."""
        with locks.starting(self.home):
            alone = self._users.take(wait=False)
            number = locks.keeper(self.home).holder()
            if alone and number is not None:
                os.kill(number, signal.SIGTERM)
                _wait_for_end(self.home)
            elif not alone and not self._users.take(shared=True, wait=False):
                # The keeper found nobody while our lock was being converted, and is stopping by itself.
                _wait_for_end(self.home)
            self._users.release()


def _wait_for_end(home: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_STOP
    while locks.keeper(home).holder() is not None and time.monotonic() < deadline:
        time.sleep(0.005)


def ensure_keeper(home: Path) -> None:
    """Start a keeper where there is none, and wait until the server takes connections."""
    if locks.keeper(home).holder() is None:
        _start_keeper(home)
        return
    deadline = time.monotonic() + _SECONDS_TO_RECOVER
    while not postgres.listens(home):
        if locks.keeper(home).holder() is None:
            _start_keeper(home)
            return
        if time.monotonic() > deadline:
            raise StartError(f"The embedded PostgreSQL does not get ready (see {postgres.log_file(home)}).")
        time.sleep(0.02)


def _start_keeper(home: Path) -> None:
    log = locations.logs(home) / "keeper.log"
    reader, writer = os.pipe()
    try:
        with log.open("ab") as output:
            subprocess.run(
                [sys.executable, "-m", keeper.__name__, str(home), str(writer)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(writer,),
                start_new_session=True,
                check=False,
            )
    finally:
        os.close(writer)
    with os.fdopen(reader) as status:
        said = status.read().strip()
    if said != keeper.READY:
        raise StartError(said or f"The keeper of the embedded database ended at once (see {log}).")


@contextmanager
def running_database(home: Path) -> Iterator[None]:
    """The embedded database for as long as the block runs."""
    database = SharedDatabase(home)
    database.join()
    try:
        yield
    finally:
        database.leave()
