"""Dead parts are started again, after longer and longer pauses."""

import subprocess
import sys

import pytest

from deploy.development.servers import parts
from deploy.development.servers.parts import Part


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(parts.time, "monotonic", lambda: now[0])
    return now


def _dying() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"])
    process.wait()
    return process


def test_the_pause_doubles_and_is_bounded(clock: list[float]) -> None:
    part = Part("web", _dying)
    pauses = []
    for _ in range(9):
        part.start()
        assert part.died() == 3
        assert part.died() is None
        assert not part.is_due()
        pauses.append(round(part.not_before - clock[0], 3))
        clock[0] = part.not_before
        assert part.is_due()
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0]


def test_a_part_that_ran_steadily_starts_at_once(clock: list[float]) -> None:
    part = Part("web", _dying)
    for _ in range(4):
        part.start()
        part.died()
    part.start()
    clock[0] += 60
    part.died()
    assert part.failures == 1
