"""Bring all chains up to date, several at a time; one that fails does not stop the others.

Whatever ends a run, the next one goes on from there: it asks the chains themselves what they lack.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from tenants.models import Chain

from .versions import chains_behind
from .workers import InPlace, WorkerProcess

# A worker process takes as long to start as some chains take to migrate.
CHAINS_WORTH_A_WORKER = 8


@dataclass
class Upgrade:
    """What a run found and did."""

    chains: int = 0
    behind: list[str] = field(default_factory=list)
    migrated: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    workers: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "chains": self.chains,
            "migrated": len(self.migrated),
            "failed": len(self.errors),
            "seconds": round(self.seconds, 4),
            "workers": self.workers,
            "behind": self.behind,
            "errors": self.errors,
        }


def migrate_chains(*, workers: int | None = None, check_only: bool = False, report: Callable[[str], None]) -> Upgrade:
    """Compare all chains first; then migrate those behind, each left at its last good state if it fails."""
    began = time.perf_counter()
    result = Upgrade(chains=Chain.objects.count(), behind=chains_behind())
    if result.behind and not check_only:
        result.workers = _worker_count(workers, len(result.behind))
        _migrate_all(result, report)
    result.seconds = time.perf_counter() - began
    return result


def _worker_count(asked: int | None, chains: int) -> int:
    if asked is not None:
        return max(1, min(asked, chains))
    return max(1, min(os.cpu_count() or 1, chains // CHAINS_WORTH_A_WORKER))


def _migrate_all(result: Upgrade, report: Callable[[str], None]) -> None:
    waiting: SimpleQueue[str] = SimpleQueue()
    for schema in result.behind:
        waiting.put(schema)
    progress = Progress(result, report)
    kind = InPlace if result.workers == 1 else WorkerProcess

    def work() -> None:
        """In a thread: on a connection of its own in place, or only to talk to a process."""
        with kind() as worker:
            while (schema := _next(waiting)) is not None:
                progress.ended(schema, worker.migrate(schema))

    with ThreadPoolExecutor(result.workers) as pool:
        threads = [pool.submit(work) for _ in range(result.workers)]
        try:
            for thread in threads:
                thread.result()
        finally:
            # Interrupted: those at work finish their chain, and no one takes another.
            while _next(waiting) is not None:
                pass


def _next(waiting: "SimpleQueue[str]") -> str | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


class Progress:
    """Keeps the outcome of each chain and says how far the run is."""

    def __init__(self, result: Upgrade, report: Callable[[str], None]) -> None:
        self._result, self._report = result, report
        self._began, self._lock = time.perf_counter(), Lock()

    def ended(self, schema: str, error: str | None) -> None:
        with self._lock:
            if error is None:
                self._result.migrated.append(schema)
            else:
                self._result.errors[schema] = error
            done, total = len(self._result.migrated) + len(self._result.errors), len(self._result.behind)
            rate = done / max(time.perf_counter() - self._began, 0.001)
            outcome = "" if error is None else " failed"
            left = round((total - done) / rate)
            self._report(f"[{done}/{total}] {schema}{outcome}  {rate:.1f} chains/s, {left // 60}:{left % 60:02d} left")
