"""Migrates all chains, several at a time; one that fails does not stop the others.

A run can be aborted at any point: the next one reads from the chains themselves what they lack.
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
from .workers import InProcessWorker, WorkerProcess

# Below this, starting a worker process costs more than it saves.
CHAINS_PER_WORKER = 8


@dataclass
class UpgradeResult:
    """The result of a run."""

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


def migrate_chains(
    *, workers: int | None = None, check_only: bool = False, report: Callable[[str], None]
) -> UpgradeResult:
    """Find the chains that are behind and migrate them; one that fails is left at its last good state."""
    started = time.perf_counter()
    result = UpgradeResult(chains=Chain.objects.count(), behind=chains_behind())
    if result.behind and not check_only:
        result.workers = _worker_count(workers, len(result.behind))
        _migrate_all(result, report)
    result.seconds = time.perf_counter() - started
    return result


def _worker_count(requested: int | None, chains: int) -> int:
    if requested is not None:
        return max(1, min(requested, chains))
    return max(1, min(os.cpu_count() or 1, chains // CHAINS_PER_WORKER))


def _migrate_all(result: UpgradeResult, report: Callable[[str], None]) -> None:
    waiting: SimpleQueue[str] = SimpleQueue()
    for schema in result.behind:
        waiting.put(schema)
    progress = Progress(result, report)
    kind = InProcessWorker if result.workers == 1 else WorkerProcess

    def work() -> None:
        """Run one worker in a thread."""
        with kind() as worker:
            while (schema := _next_schema(waiting)) is not None:
                progress.ended(schema, worker.migrate(schema))

    with ThreadPoolExecutor(result.workers) as pool:
        threads = [pool.submit(work) for _ in range(result.workers)]
        try:
            for thread in threads:
                thread.result()
        finally:
            # If interrupted, let workers finish their chain and take no other.
            while _next_schema(waiting) is not None:
                pass


def _next_schema(waiting: "SimpleQueue[str]") -> str | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


class Progress:
    """Collects the outcomes and reports progress."""

    def __init__(self, result: UpgradeResult, report: Callable[[str], None]) -> None:
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
