"""Reports the progress of an import, at most twice a second."""

import time
from collections.abc import Callable

from core.jobs.progress import Progress

MIN_INTERVAL = 0.5


class ProgressReporter:
    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress
        self._started = self._reported_at = time.monotonic()
        self._total = 0

    def step(self, phase: str) -> None:
        self._started = time.monotonic()
        if self._on_progress:
            self._on_progress(Progress(phase))

    def reading(self, total: int) -> None:
        self.step("reading")
        self._total = total

    def read(self, line: int) -> None:
        now = time.monotonic()
        if self._on_progress and now - self._reported_at >= MIN_INTERVAL:
            self._reported_at = now
            self._on_progress(Progress("reading", min(line, self._total), self._total, now - self._started))
