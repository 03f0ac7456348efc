"""A circuit breaker: a server that does not answer is not asked by every request."""

import threading
import time


class Circuit:
    """After a failure nobody asks the server for `seconds`; then one caller tries, and the others wait for its answer.

    One per process and server.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next_try = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether to ask now. Whoever was allowed says how it went, by `failed` or `succeeded`."""
        if not self._next_try:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self._seconds
            return True

    def failed(self) -> bool:
        """Whether this is news."""
        with self._lock:
            was_closed = not self._next_try
            self._next_try = time.monotonic() + self._seconds
            return was_closed

    def succeeded(self) -> bool:
        """Whether this is news."""
        if not self._next_try:
            return False
        with self._lock:
            self._next_try = 0.0
            return True
