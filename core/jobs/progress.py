"""How far a job is, written where everyone sees it while the job's own transaction is open."""

import json
import logging
import time
from dataclasses import asdict, dataclass
from typing import Any, cast

from django.db import Error, connection

from core.jobs.models import Job

# Between two writes of the same phase, and of what a write may take.
SECONDS_BETWEEN, SECONDS_OF_A_WRITE = 0.4, 2
# Never waits for the row: the job itself may hold it.
_WRITE = (
    "UPDATE jobs_job SET progress = %s::jsonb WHERE id = (SELECT id FROM jobs_job WHERE id = %s AND started_at = %s"
    " AND state = 'running' FOR UPDATE SKIP LOCKED) RETURNING cancel_asked"
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """`done` and `total` count what the job counts in this phase; `seconds` is how long the phase has lasted."""

    phase: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def remaining_seconds(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None


class Cancelled(Exception):  # noqa: N818 - an end, and no error
    """Who asked for the job, or may, has cancelled it."""


class ProgressWriter:
    """Writes on a connection of its own, at once when a phase begins and else a few times a second.

    A job does not fail because nobody can be told of it.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._tenant = cast("Any", connection).tenant
        self._connection: Any = None
        self._last_phase: str | None = None
        self._last_at = 0.0
        self._is_broken = False

    def write(self, progress: Progress) -> None:
        """Raises Cancelled where that was asked for meanwhile."""
        now = time.monotonic()
        if progress.phase == self._last_phase and now - self._last_at < SECONDS_BETWEEN:
            return
        self._last_phase, self._last_at = progress.phase, now
        if not self._is_broken and self._write(progress):
            raise Cancelled

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _write(self, progress: Progress) -> bool:
        try:
            with self._opened().statement_timeout(SECONDS_OF_A_WRITE), self._connection.cursor() as cursor:
                cursor.execute(_WRITE, [json.dumps(asdict(progress)), self._job.pk, self._job.started_at])
                row = cursor.fetchone()
        except Error as error:
            self._is_broken = True
            logger.warning("The progress of job %s is not told: %r", self._job.pk, error)
            return False
        return bool(row and row[0])

    def _opened(self) -> Any:
        if self._connection is None:
            self._connection = cast("Any", connection).copy()
            self._connection.set_tenant(self._tenant)
        return self._connection
