"""What the function of a kind gets: its job, for whom it works, and how it tells where it is."""

import time
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from core.accounts.models import User
from core.jobs.models import Job, State
from core.jobs.progress import Progress, ProgressWriter


class TakenAwayError(RuntimeError):
    """Another process has the job by now, since this one had lost its lock."""


class Work:
    def __init__(self, job: Job, user: User | None) -> None:
        self.job, self.user = job, user
        self.is_finished = False
        self._progress = ProgressWriter(job)
        self._began = time.monotonic()

    def report(self, progress: Progress) -> None:
        """Seen at once by everyone. Raises Cancelled, which the function lets pass."""
        self._progress.write(progress)

    def count(self, done: int, total: int) -> None:
        self.report(Progress("", done, total, time.monotonic() - self._began))

    def save_cursor(self, **cursor: Any) -> None:
        """In the transaction of a piece that is done for good: the next attempt goes on from `job.cursor`.

        Attempts are counted anew from here.
        """
        self._update(cursor=cursor, attempts=1)
        self.job.cursor, self.job.attempts = cursor, 1

    def finish(self, result: Mapping[str, Any] | None = None) -> None:
        """In the function's own transaction: the work and that it is done come together, or neither."""
        self._update(state=State.DONE, result=dict(result or {}), finished_at=timezone.now())
        self.is_finished = True

    def close(self) -> None:
        self._progress.close()

    def _update(self, **values: Any) -> None:
        mine = Job.objects.filter(pk=self.job.pk, state=State.RUNNING, started_at=self.job.started_at)
        if not mine.update(**values):
            raise TakenAwayError
