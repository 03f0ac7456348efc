"""Lowers the priority of background processes."""

import os
from contextlib import suppress
from pathlib import Path

# With autogrouping, Linux applies nice values only within a session, and each session has its own value. See "The
# autogroup feature" in sched(7).
_OF_SESSION = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Lower the priority of this process and its session, like nice(1)."""
    value = os.nice(niceness)
    with suppress(OSError):
        _OF_SESSION.write_text(str(value))
