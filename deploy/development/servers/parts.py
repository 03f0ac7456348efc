"""The parts of a running site, each a process of its own that is started again should it die."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.development.servers import processes

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 15.0
_STEADY_AFTER = 30.0

StopSteps = tuple[tuple[int, float], ...]
QUIT = ((signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0))


@dataclass
class Part:
    """One supervised process, and how often it died soon after its start."""

    name: str
    launch: "Callable[[], subprocess.Popen[bytes]]"
    stop_steps: StopSteps = QUIT
    serves_others: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    failures: int = 0
    started: float = field(default=0.0)
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start the process."""
        self.process = self.launch()
        self.started = time.monotonic()

    def died(self) -> int | None:
        """The status of a process that ended since we last looked; the next start waits longer the oftener it dies."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self.process = None
        now = time.monotonic()
        self.failures = 1 if now - self.started > _STEADY_AFTER else self.failures + 1
        self.not_before = now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self.failures - 1))
        return status

    def is_due(self) -> bool:
        """Whether a dead part's pause is over."""
        return self.process is None and time.monotonic() >= self.not_before

    def tell_to_stop(self) -> None:
        """Send the first signal, without waiting."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_steps[0][0])

    def wait_for_end(self) -> None:
        """Wait for what was told to stop, and be firmer where that does not help."""
        if self.process is not None:
            processes.stop(self.process, self.stop_steps, told=True)
