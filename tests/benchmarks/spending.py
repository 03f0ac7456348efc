"""What an action takes: time by the clock, processor time and memory, here and in the database's backend."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connection

from tests.benchmarks.rows import percentile

# Seconds: when a process began is told by ticks since the machine's own start.
CLOCK_ERROR = 2


@dataclass(frozen=True)
class Spent:
    """Milliseconds of each run; of processor time and memory the first of a pair is of this process, the second of the
    database's backend."""

    times: list[float]
    # A run on average; the system counts a backend's in steps of 10 ms.
    cpu: tuple[float, float]
    # MB that a run had at its peak more than before it began; the largest of all runs.
    memory: tuple[float, float]

    @property
    def best(self) -> float:
        return min(self.times)

    @property
    def slowest_but_five_percent(self) -> float:
        return percentile(self.times, 0.95)


def spent(action: Callable[[], object], *, times: int = 5, before: Callable[[], object] | None = None) -> Spent:
    """`before` is done ahead of each run and is not counted; without it, one run warms up."""
    if before is None:
        action()
    runs = [_run(action, before) for _ in range(times)]
    took, cpu, memory = zip(*runs, strict=True)
    own_cpu, backend_cpu = (sum(part) / times for part in zip(*cpu, strict=True))
    own_memory, backend_memory = (max(part) for part in zip(*memory, strict=True))
    return Spent(list(took), (own_cpu, backend_cpu), (own_memory, backend_memory))


def _run(
    action: Callable[[], object], before: Callable[[], object] | None
) -> tuple[float, tuple[float, float], tuple[float, float]]:
    if before is not None:
        before()
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    memory = [_forget_peak(process) for process in (os.getpid(), backend)]
    cpu = time.process_time(), _cpu_seconds(backend)
    start = time.perf_counter()
    action()
    took = time.perf_counter() - start
    own, database = time.process_time() - cpu[0], _cpu_seconds(backend) - cpu[1]
    peaks = [peak_mb(process) for process in (os.getpid(), backend)]
    return took * 1000, (own * 1000, database * 1000), (peaks[0] - memory[0], peaks[1] - memory[1])


def _cpu_seconds(process: int) -> float:
    used = psutil.Process(process).cpu_times()
    return used.user + used.system


def _forget_peak(process: int) -> float:
    """The MB it has now, which is its peak from here on."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return peak_mb(process)


def peak_mb(process: int) -> float:
    """The most memory it ever had; of a backend with the shared buffers that it touched."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


class Watch:
    """What a process with its children, and the database's backend that serves it, use together: to be looked at often
    while it runs. It is the one backend that was begun since."""

    def __init__(self, process: int, *, since: float) -> None:
        self._process, self._since = psutil.Process(process), since
        # MB, at the moment of most: process with children, backend without the shared buffers.
        self.memory = 0.0, 0.0
        # Seconds, of the backend.
        self.backend_cpu = 0.0
        self._cpu_of: dict[int, float] = {}

    def look(self) -> None:
        own = backend = 0.0
        with suppress(psutil.NoSuchProcess):
            for process in [self._process, *self._process.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    # What they share counts once: a reader of files is forked from another process.
                    own += process.memory_full_info().pss / (1 << 20)
        for server in _backends(since=self._since):
            with suppress(psutil.NoSuchProcess):
                memory = server.memory_info()
                backend += (memory.rss - memory.shared) / (1 << 20)
                self._cpu_of[server.pid] = _cpu_seconds(server.pid)
        self.backend_cpu = sum(self._cpu_of.values())
        self.memory = max(self.memory, (own, backend), key=sum)


def _backends(*, since: float) -> Iterator[psutil.Process]:
    """The database's backends that serve connections made since then, but for ours."""
    connection.ensure_connection()
    ours = connection.connection.info.backend_pid
    server = psutil.Process(ours).parent()
    for backend in server.children() if server else []:
        with suppress(psutil.NoSuchProcess):
            is_new = backend.pid != ours and backend.create_time() >= since - CLOCK_ERROR
            if is_new and "[local]" in " ".join(backend.cmdline()):
                yield backend
