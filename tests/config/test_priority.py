"""Who gives way does so before the whole machine, and not only within its session."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OF_SESSION = Path("/proc/self/autogroup")
GIVES_WAY = """
import os
from pathlib import Path
from config.priority import give_way
os.setsid()
give_way(7)
print(os.nice(0), Path("/proc/self/autogroup").read_text().rpartition(" ")[2])
"""


@pytest.mark.skipif(not OF_SESSION.exists(), reason="Linux may be built without groups of sessions")
def test_the_session_gives_way_too() -> None:
    told = subprocess.run([sys.executable, "-c", GIVES_WAY], capture_output=True, text=True, check=True).stdout.split()
    assert told == [str(min(19, os.nice(0) + 7))] * 2
