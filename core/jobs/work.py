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

    def finish(self, result: Mapping[str, Any] | None = None) -> None:
        """In the function's own transaction: the work and that it is done come together, or neither."""
        mine = Job.objects.filter(pk=self.job.pk, state=State.RUNNING, started_at=self.job.started_at)
        if not mine.update(state=State.DONE, result=dict(result or {}), finished_at=timezone.now()):
            raise TakenAwayError
        self.is_finished = True

    def close(self) -> None:
        self._progress.close()
