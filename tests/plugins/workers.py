"""Real workers of the site, over a broker of their own, for chains that are committed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from config.celery import app
from deploy.development.servers import locations, processes, valkey
from deploy.development.servers.folders import make_folders

# Nothing here takes a minute; the machine may be busy.
AT_MOST = 120


def eventually(holds: Callable[[], Any], said: Callable[[], str] = lambda: "it did not come about in time") -> Any:
    deadline = time.monotonic() + AT_MOST
    while not (result := holds()):
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)
    return result


class Workers:
    """Those that a test starts, each for some queues, and what they said."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.home, self._stack = home, stack

    def start(self, *words: str, **environment: str) -> psutil.Process:
        """As the site runs them, but for the settings; gives its main process once it takes work."""
        log = self.home / f"worker-{len(list(self.home.glob('worker-*')))}"
        words = ("worker", *words, "--loglevel", "INFO", "--without-gossip", "--without-mingle", "-n", f"{log.name}@%h")
        named = {"DJANGO_SETTINGS_MODULE": "tests.plugins.worker_settings", "WORKER_HOME": str(self.home)}
        named["CELERY_SKIP_CHECKS"] = "true"
        with log.open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "config.celery", *words],
                env={**os.environ, **named, **environment},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self._stack.callback(_end, process)
        eventually(lambda: " ready." in log.read_text(), log.read_text)
        return psutil.Process(process.pid)

    def said(self) -> str:
        return "\n".join(log.read_text() for log in sorted(self.home.glob("worker-*")))


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


@contextmanager
def _broker(home: Path) -> Iterator[None]:
    make_folders(home)
    process = valkey.start(home)
    try:
        eventually(lambda: valkey.answers(home))
        yield
    finally:
        processes.stop(process, valkey.STOP_STEPS)


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Workers]:
    """Tasks go to them, not in place."""
    monkeypatch.setenv("CELERY_BROKER_URL", locations.broker_url(tmp_path))
    # Connections to another broker that an earlier test of this process has left.
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "files", tmp_path / "files" / ".exports"
    with _broker(tmp_path), ExitStack() as stack:
        app.conf.task_always_eager = False
        try:
            yield Workers(tmp_path, stack)
        finally:
            app.conf.task_always_eager = True
