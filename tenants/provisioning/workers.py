"""Those who migrate chains: this process, or processes of their own, which do not wait for each other's Python.

A worker process takes a schema a line and answers with a line of JSON: null,
or what went wrong. It ends when its input does, so it never outlives the run by more than the chain it is at.
"""

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.migrations import migrate_chain


class InPlace:
    """Migrates on the connection of the thread it is used in."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def migrate(self, schema: str) -> str | None:
        """None, or what went wrong. Whatever a migration raises ends here, and so does what it left."""
        try:
            connection().set_schema_to_public()
            migrate_chain(Chain.objects.get(schema_name=schema))
        except Exception as error:  # noqa: BLE001 - a migration may raise anything
            return f"{type(error).__name__}: {error}".strip()
        finally:
            connection().close()
        return None


class WorkerProcess:
    """Migrates in a process of its own, and starts another where one was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def migrate(self, schema: str) -> str | None:
        process = self._process = self._process or _start()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("A worker is started with pipes.")
        try:
            process.stdin.write(f"{schema}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            error: str | None = json.loads(answer)
            return error
        return f"The worker ended with status {self._end()}."

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        # Closes the input and waits.
        process.communicate()
        return process.returncode


def _start() -> "subprocess.Popen[str]":
    """In a session of its own: Ctrl-C ends the run after the chains it is at, not in the middle of them."""
    return subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from tenants.provisioning.workers import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )


def main() -> None:
    """What migrations print goes to standard error: standard output carries the answers."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(json.dumps(InPlace().migrate(line.strip())) + "\n")
        answers.flush()
