"""Queue and cache that are there, dead, or hanging: real sockets, and a Valkey that is stopped and killed."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.cache import caches
from pytest_django import Settings

from core.shared import task_queue
from deploy.development.servers import folders, locations, valkey

OUTAGES = ("closed", "hanging", "killed", "stopped")


@contextmanager
def closed_port() -> Iterator[str]:
    """An address where connections are refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and not listened at
        yield f"127.0.0.1:{held.getsockname()[1]}"


@contextmanager
def hanging_port() -> Iterator[str]:
    """An address where connections are accepted and nothing is ever answered."""
    accepted = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:

        def accept() -> None:
            while True:
                try:
                    accepted.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    for one in accepted:
        one.close()


class Valkey:
    """A real server with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for place in (locations.logs(home), locations.valkey_data(home)):
            place.mkdir(parents=True, exist_ok=True)
        self.start()

    @property
    def broker_url(self) -> str:
        return locations.broker_url(self.home)

    @property
    def cache_url(self) -> str:
        return locations.cache_url(self.home)

    def start(self) -> None:
        self._process: subprocess.Popen[bytes] = valkey.start(self.home)
        deadline = time.monotonic() + 30
        while not valkey.answers(self.home):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        """It keeps its connections and answers nothing, until `go_on`."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self.kill()
        folders.remove_socket_folder(self.home)


class Servers:
    """Queue and cache of the test: both are at one Valkey, until one of them is told to fail."""

    def __init__(self, server: Valkey, settings: Settings, patch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        # So that what is counted below does not depend on how long a test takes.
        patch.setattr(task_queue.circuit, "_seconds", 600)
        patch.setattr("core.shared.cache.RETRY_SECONDS", 600)
        self.valkey = server
        self._settings, self._patch, self._stack = settings, patch, stack
        self.queue_at(server.broker_url)
        self.cache_at(server.cache_url)

    def queue_at(self, url: str) -> None:
        self._patch.setitem(current_app.conf, "task_always_eager", False)  # noqa: FBT003
        self._patch.setitem(current_app.conf, "broker_url", url)
        self._settings.CELERY_BROKER_URL = url
        task_queue.circuit.succeeded()

    def cache_at(self, url: str) -> None:
        kept = self._settings.CACHES["default"]
        self._settings.CACHES = {"default": {**kept, "BACKEND": "core.shared.cache.SharedCache", "LOCATION": url}}

    def fail(self, part: str, outage: str) -> None:
        """`part` is queue, cache or both; `outage` one of OUTAGES."""
        if outage == "stopped":
            self.valkey.stop()
        elif outage == "killed":
            self.valkey.kill()
        else:
            place = self._stack.enter_context(closed_port() if outage == "closed" else hanging_port())
            if part != "cache":
                self.queue_at(f"redis://{place}/0")
            if part != "queue":
                self.cache_at(f"redis://{place}/1")

    def come_back(self, outage: str) -> None:
        """As it was, in the same processes."""
        if outage == "stopped":
            self.valkey.go_on()
        elif outage == "killed":
            self.valkey.start()
        else:
            self.queue_at(self.valkey.broker_url)
            self.cache_at(self.valkey.cache_url)
        self.ask_again()

    def ask_again(self) -> None:
        """The seconds are over for which a server that failed is left alone."""
        task_queue.circuit.succeeded()
        circuit: Any = getattr(caches["default"], "circuit", None)
        if circuit is not None:
            circuit.succeeded()

    def sent(self) -> int:
        """How many messages wait, in all queues."""
        with current_app.connection_for_read() as connection:
            client = connection.default_channel.client
            return sum(client.llen(name) for name in client.scan_iter(_type="list"))

    def taken(self) -> list[Any]:
        """The messages that wait, taken out of all queues."""
        found = []
        with current_app.connection_for_read() as connection:
            client = connection.default_channel.client
            waiting = {name.decode(): client.llen(name) for name in client.scan_iter(_type="list")}
            for name, number in waiting.items():
                queue = connection.SimpleQueue(name)
                for _ in range(number):
                    found.append(queue.get(timeout=10))
                    found[-1].ack()
        return found


@pytest.fixture
def servers(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """A queue that keeps what is sent to it, and a cache, as in production."""
    from core.shared.cache import ProcessCache

    ProcessCache("rate-limits", {}).clear()  # counted while another test's cache failed
    with ExitStack() as stack:
        server = Valkey(tmp_path / "valkey")
        try:
            yield Servers(server, settings, monkeypatch, stack)
        finally:
            server.end()
