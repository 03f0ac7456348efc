"""Waiting for signals: a child that ended, or the wish to stop."""

import os
import select
import signal
from types import FrameType


class SignalWaiter:
    """Wakes its process at once when a child ends or somebody asks it to stop."""

    def __init__(self, *stop_signals: int) -> None:
        self.stopping = False
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, self._wake)
        for number in stop_signals:
            signal.signal(number, self._stop)

    def _wake(self, _number: int, _frame: FrameType | None) -> None:
        """A handler has to be there for the signal to interrupt the wait."""

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def wait(self, seconds: float) -> None:
        """Sleep until a signal arrives, at most so long."""
        if self.stopping:
            return
        ready, _, _ = select.select([self._reader], [], [], seconds)
        if ready:
            os.read(self._reader, 4096)
