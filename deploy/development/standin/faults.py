"""Faults that a test asks for, and the calls received, by which it proves what was done."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from deploy.development.standin.errors import ApiError
from deploy.development.standin.object_fields import Json

Kind = Literal["status", "close_before", "close_after", "half", "slow"]
KINDS: tuple[Kind, ...] = ("status", "close_before", "close_after", "half", "slow")
_CALLS_KEPT = 20_000
# Seconds.
_PATIENCE = 30.0


@dataclass
class Fault:
    """For the next `times` calls whose path contains `path`, after letting `skip` pass."""

    kind: Kind
    path: str = "/v1/"
    method: str = ""
    times: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 0.0

    def takes(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in {"", method} and self.path in path


@dataclass
class Call:
    method: str
    path: str
    key: str | None
    params: str
    # What it was answered with; 0 where the connection was closed instead.
    status: int = 0
    replayed: bool = False


@dataclass
class Faults:
    """Kept in memory alone: they are of a test."""

    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _serving: int = 0
    _served: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def serving(self) -> Iterator[None]:
        with self._served:
            self._serving += 1
        try:
            yield
        finally:
            with self._served:
                self._serving -= 1
                self._served.notify_all()

    def wait_for_calls(self) -> None:
        """For those under way: who was slow on purpose may have no one left who listens."""
        with self._served:
            self._served.wait_for(lambda: not self._serving, timeout=_PATIENCE)

    def clear(self) -> None:
        with self.lock:
            self.faults.clear()
            self.calls.clear()

    def add(self, given: dict[str, Any]) -> None:
        if given.get("kind") not in KINDS:
            raise ApiError(f"kind must be one of {', '.join(KINDS)}", param="kind")
        try:
            fault = Fault(**given)
        except TypeError as error:
            raise ApiError(str(error), param="kind") from error
        with self.lock:
            self.faults.append(fault)

    def next(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.takes(method, path):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def note(self, call: Call) -> None:
        with self.lock:
            self.calls.append(call)
            del self.calls[:-_CALLS_KEPT]

    def shown(self) -> list[Json]:
        with self.lock:
            return [asdict(call) for call in self.calls]


def wait(fault: Fault | None) -> None:
    if fault is not None and fault.seconds:
        time.sleep(fault.seconds)
