"""A circuit breaker: while a server is down, requests do not wait for it."""

import threading
import time


class CircuitBreaker:
    """After a failure calls are skipped for `seconds`; then one caller tries, and the others follow its result.

    One per process and server.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next_try = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether to call the server now. The caller then reports the result with `failed` or `succeeded`."""
        if not self._next_try:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self._seconds
            return True

    def failed(self) -> bool:
        """Records a failure; True if it is the first, which is worth a log line."""
        with self._lock:
            was_closed = not self._next_try
            self._next_try = time.monotonic() + self._seconds
            return was_closed

    def succeeded(self) -> bool:
        """Records a success; True if it is the first after failures."""
        if not self._next_try:
            return False
        with self._lock:
            self._next_try = 0.0
            return True
