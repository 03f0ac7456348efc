"""Tells how far an import has come, a few times a second at most."""

import time
from collections.abc import Callable

from core.jobs.progress import Progress

SECONDS_BETWEEN = 0.5


class Reporter:
    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._tell = on_progress
        self._started = self._told = time.monotonic()
        self._total = 0

    def step(self, phase: str) -> None:
        self._started = time.monotonic()
        if self._tell:
            self._tell(Progress(phase))

    def reading(self, total: int) -> None:
        self.step("reading")
        self._total = total

    def read(self, line: int) -> None:
        now = time.monotonic()
        if self._tell and now - self._told >= SECONDS_BETWEEN:
            self._told = now
            self._tell(Progress("reading", min(line, self._total), self._total, now - self._started))
