"""A limit on the processor's time, so that a test of what may never end fails instead of hanging."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooMuchWorkError(Exception):
    """The limit was met."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Of this process's own time, however busy the machine is. Expressions look for signals while they match."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooMuchWorkError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
