"""The private folders of a home."""

import os
import stat
from pathlib import Path

from config.errors import StartError
from deploy.development.servers import locations
from deploy.development.servers.errors import from_os_error


def make_folders(home: Path) -> None:
    """Make what is missing of the home, readable by its owner alone."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (locations.locks(home), locations.logs(home)):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise from_os_error(error, home) from error


def make_socket_folder(home: Path) -> None:
    """A folder below /tmp may be somebody else's trap: it has to be a real one, ours and closed to others."""
    folder = locations.sockets(home)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise from_os_error(error, folder) from error
    root_at_home = os.getuid() == 0 and folder.parent == home
    if not stat.S_ISDIR(found.st_mode) or (found.st_uid != os.getuid() and not root_at_home):
        raise StartError(f"{folder} belongs to somebody else; set REVISIT_HOME to a folder of your own.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def remove_socket_folder(home: Path) -> None:
    """Leave nothing below /tmp once the last server has gone; what is in the home may stay."""
    folder = locations.sockets(home)
    if folder.parent == home:
        return
    try:
        folder.rmdir()
    except OSError:
        return
