"""How processes of the site give way to those that serve pages."""

import os
from contextlib import suppress
from pathlib import Path

# Where Linux shares a processor out between sessions first, a nice value counts within its session alone; the session
# has one of its own. See "The autogroup feature" in sched(7).
_OF_SESSION = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Lower the priority of this process, and of its session, by as much as nice(1) would."""
    value = os.nice(niceness)
    with suppress(OSError):
        _OF_SESSION.write_text(str(value))
