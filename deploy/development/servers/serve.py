"""`revisit serve` and `revisit stop`: the command-line side of the supervisor."""

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from config.env import revisit_home
from config.errors import StartError
from deploy.development.servers import demo_file, locations, locks, processes, site, valkey
from deploy.development.servers.errors import from_os_error
from deploy.development.servers.folders import make_folders
from deploy.development.servers.supervisor import Stopped, Supervisor, interrupted

_READY = "ready"
_SECONDS_TO_STOP = 200.0


def serve_command(words: list[str]) -> int:
    """Serve until Ctrl-C, or in the background."""
    parser = argparse.ArgumentParser(prog="revisit serve", description="Start every part and serve until Ctrl-C.")
    parser.add_argument("--demo", action="store_true", help="build the demo chains first, and print their logins")
    parser.add_argument("--detach", action="store_true", help="return once the site answers; see revisit stop")
    parser.add_argument("--status-fd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    home, port = revisit_home(), _port()
    make_folders(home)
    if options.detach:
        return _serve_in_background(home, port, with_demo=options.demo)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        _serve(home, port, with_demo=options.demo, status=options.status_fd)
    except StartError as error:
        if options.status_fd is not None:
            os.write(options.status_fd, f"{error}\n".encode())
        raise
    return 0


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StartError(f"PORT must be a number from 1 to 65535, not {text!r}.")


def _serve(home: Path, port: int, *, with_demo: bool, status: int | None) -> None:
    lock = locks.supervisor(home)
    if not lock.take(wait=False):
        raise StartError(f"Revisit serves from {home} already; end that first with make stop, or set REVISIT_HOME.")
    lock.sign()
    try:
        listeners = site.listen(port)
        supervisor = Supervisor(home, port, with_demo=with_demo)
        try:
            supervisor.start(listeners)
            _announce(home, port, with_demo=with_demo, status=status)
            supervisor.serve()
        except Stopped:
            return
        finally:
            supervisor.stop()
    except OSError as error:
        raise from_os_error(error, home) from error
    finally:
        lock.release()


def _announce(home: Path, port: int, *, with_demo: bool, status: int | None) -> None:
    if status is not None:
        os.write(status, f"{_READY}\n".encode())
        os.close(status)
        return
    _print(_summary(home, port, with_demo=with_demo))
    _print("\nServing; Ctrl-C stops everything.")


def _summary(home: Path, port: int, *, with_demo: bool) -> str:
    return demo_file.summary(home) if with_demo else f"Revisit answers at http://localhost:{port}/"


def _serve_in_background(home: Path, port: int, *, with_demo: bool) -> int:
    """Start ourselves in a session of our own, and return when that one says that it is ready."""
    if locks.supervisor(home).holder() is not None and site.is_ready(port):
        _print(_summary(home, port, with_demo=with_demo and demo_file.file(home).exists()))
        _print("\nServing already; make stop ends it.")
        return 0
    reader, writer = os.pipe()
    words = [sys.executable, "-m", "config.cli", "serve", "--status-fd", str(writer)]
    words += ["--demo"] if with_demo else []
    with site.log_file(home, "serve").open("ab") as log:
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(writer,), start_new_session=True
        )
    os.close(writer)
    try:
        with os.fdopen(reader) as status:
            said = status.readline().strip()
    except KeyboardInterrupt:
        interrupted(child)
        raise
    if said != _READY:
        raise StartError(said or f"The start was broken off (see {site.log_file(home, 'serve')}).")
    _print(_summary(home, port, with_demo=with_demo))
    _print("\nServing in the background; make stop ends it.")
    return 0


def stop_command(words: list[str]) -> int:
    """Stop what serves from this home, and wait until it has stopped."""
    argparse.ArgumentParser(prog="revisit stop", description="Stop what revisit serve started.").parse_args(words)
    home = revisit_home()
    number = locks.supervisor(home).holder() if locations.locks(home).exists() else None
    if number is None:
        left = processes.kill_leftovers(processes.marked(home))
        valkey.clear_leftovers(home)
        _print("Stopped what a killed server had left." if left else "Nothing runs.")
        return 0
    os.kill(number, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS_TO_STOP
    while locks.supervisor(home).holder() is not None:
        if time.monotonic() > deadline:
            raise StartError(f"Process {number} does not stop (see {locations.logs(home)}).")
        time.sleep(0.05)
    processes.wait_for_end(number, 5.0)
    _print("Stopped.")
    return 0


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201
