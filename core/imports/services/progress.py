"""Reports the progress of an import; whoever is told sees to it that this is not too often."""

import time
from collections.abc import Callable

from core.jobs.progress import Progress


class ProgressReporter:
    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress or (lambda _progress: None)
        self._started = 0.0

    def step(self, phase: str) -> None:
        self._started = time.monotonic()
        self._on_progress(Progress(phase))

    def read(self, line: int, total: int) -> None:
        self._on_progress(Progress("reading", min(line, total), total, time.monotonic() - self._started))
