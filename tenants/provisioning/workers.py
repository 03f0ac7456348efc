"""Workers that migrate chains: in this process, or in processes of their own, free of each other's interpreter lock.

A worker process reads one schema per line and answers each with a line of JSON: null or the error. It ends with its
input, so it outlives an aborted run by one chain at most.
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


class InProcessWorker:
    """Migrates on the current thread's connection."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def migrate(self, schema: str) -> str | None:
        """Migrate a chain; return the error, or None. Any exception is caught, and the connection is closed."""
        try:
            connection().set_schema_to_public()
            migrate_chain(Chain.objects.get(schema_name=schema))
        except Exception as error:  # noqa: BLE001 - a migration may raise anything
            return f"{type(error).__name__}: {error}".strip()
        finally:
            connection().close()
        return None


class WorkerProcess:
    """Migrates in a separate process, which is restarted if it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def migrate(self, schema: str) -> str | None:
        process = self._process = self._process or _start_process()
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


def _start_process() -> "subprocess.Popen[str]":
    """Start the process in its own session, so that Ctrl-C does not interrupt a migration."""
    return subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from tenants.provisioning.workers import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )


def main() -> None:
    """Run the worker's loop; print() of migrations goes to standard error, as standard output carries the answers."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(json.dumps(InProcessWorker().migrate(line.strip())) + "\n")
        answers.flush()
