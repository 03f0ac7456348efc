"""The one small program behind `make demo`: starts the parts in order, starts again what dies, stops all at the end."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.errors import StartError
from deploy.development.servers import demo_file, locations, processes, setup, site, stripe, valkey
from deploy.development.servers.database import SharedDatabase
from deploy.development.servers.errors import from_log, size_of
from deploy.development.servers.folders import remove_socket_folder
from deploy.development.servers.parts import Part
from deploy.development.servers.signals import SignalWaiter

_SECONDS_TO_GET_READY = 180.0
_TOO_MANY_FAILURES = 4

logger = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - the wish to stop is no error
    """Somebody asked us to stop before we were ready."""


class Supervisor:
    """Everything that serves one home on one port."""

    def __init__(self, home: Path, port: int, *, with_demo: bool) -> None:
        self.home = home
        self.port = port
        self.with_demo = with_demo
        self.signals = SignalWaiter(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        self.parts: list[Part] = []
        self.database: SharedDatabase | None = None

    def start(self, listeners: list[socket.socket]) -> None:
        """From nothing to a site that answers."""
        self._clear_leftovers()
        if not (os.environ.get("BROKER_URL") and os.environ.get("CACHE_URL")):
            self._start_valkey()
        if not os.environ.get("DATABASE_URL"):
            self.database = SharedDatabase(self.home)
            self.database.join()
        if stripe.is_wanted():
            self._start_standin()
        self._set_up()
        web, *others = site.parts(self.home, listeners)
        since = size_of(site.log_file(self.home, web.name))
        self._start(web)
        self._wait_until_ready(web, since)
        # Later, so that they do not slow the site's own start; tasks wait for them in the broker.
        for part in others:
            self._start(part)

    def _start(self, part: Part) -> None:
        self._check_stop()
        part.start()
        self.parts.append(part)

    def _clear_leftovers(self) -> None:
        processes.kill_leftovers(processes.marked(self.home))
        valkey.clear_leftovers(self.home)

    def _start_valkey(self) -> None:
        part = Part("valkey", lambda: valkey.start(self.home), valkey.STOP_STEPS, serves_others=True)
        self._start_server(part, valkey.log_file(self.home), lambda: valkey.answers(self.home))

    def _start_standin(self) -> None:
        stripe.choose_port(self.home)
        told = site.environment(self.home)
        part = Part(
            stripe.NAME,
            lambda: stripe.start(self.home, self.port, told),
            stripe.STOP_STEPS,
            serves_others=True,
        )
        self._start_server(part, stripe.log_file(self.home), lambda: stripe.answers(self.home))

    def _start_server(self, part: Part, log: Path, answers: Callable[[], bool]) -> None:
        """One that the others need, until it answers."""
        since = size_of(log)
        self._start(part)
        deadline = time.monotonic() + _SECONDS_TO_GET_READY
        while not answers():
            self._check_stop()
            if part.process is None or part.process.poll() is not None or time.monotonic() > deadline:
                raise from_log(f"The {part.name} server did not start", log, since)
            time.sleep(0.01)

    def _set_up(self) -> None:
        """Migrate and, for the demo, build its chains and write down how to sign in."""
        words = [sys.executable, "-m", setup.__name__]
        # The embedded database was migrated when we joined it.
        words += ["--migrate"] if self.database is None else []
        words += ["--demo"] if self.with_demo else []
        if self.with_demo and not demo_file.file(self.home).exists():
            print("Building the demo chains, once ...", file=sys.stderr, flush=True)  # noqa: T201
        log = locations.logs(self.home) / "setup.log"
        since = size_of(log)
        told = self.home / "demo.new"
        child = processes.start(
            [*words, str(told)], log=log, when_orphaned=signal.SIGTERM, environment=site.environment(self.home)
        )
        while child.poll() is None:
            if self.signals.stopping:
                processes.stop(child, ((signal.SIGTERM, 10.0),))
                raise Stopped
            self.signals.wait(1.0)
        if child.returncode != 0:
            raise from_log("The demo could not be built" if self.with_demo else "The set-up failed", log, since)
        if self.with_demo:
            demo_file.write(self.home, told, self.port)

    def _wait_until_ready(self, web: Part, since: int) -> None:
        log = site.log_file(self.home, web.name)
        deadline = time.monotonic() + _SECONDS_TO_GET_READY
        while not site.is_ready(self.port):
            self._check_stop()
            self.tend()
            if web.failures >= _TOO_MANY_FAILURES or time.monotonic() > deadline:
                raise from_log("The site did not get ready", log, since)
            self.signals.wait(0.2)

    def serve(self) -> None:
        """Until somebody asks us to stop."""
        while not self.signals.stopping:
            self.signals.wait(0.5)
            self.tend()

    def tend(self) -> None:
        """Start again what died."""
        for part in self.parts:
            status = part.died()
            if status is not None:
                logger.warning("%s ended with status %s; starting it again", part.name, status)
            if part.is_due():
                part.start()
        if self.database is not None:
            self._renew_database(self.database)

    def _renew_database(self, database: SharedDatabase) -> None:
        try:
            database.renew()
        except (StartError, OSError) as error:
            logger.warning("%s", error)

    def stop(self) -> None:
        """First those that use the servers, all at once, then the servers."""
        for servers in (False, True):
            group = [part for part in self.parts if part.serves_others is servers]
            for part in group:
                part.tell_to_stop()
            for part in group:
                part.wait_for_end()
        if self.database is not None:
            self.database.leave()
        processes.kill_leftovers(processes.marked(self.home))
        remove_socket_folder(self.home)

    def _check_stop(self) -> None:
        if self.signals.stopping:
            raise Stopped


def interrupted(process: "subprocess.Popen[bytes]") -> None:
    """End a supervisor that we started in the background and no longer wait for."""
    process.send_signal(signal.SIGTERM)
    process.wait()
