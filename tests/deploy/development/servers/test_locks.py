"""File locks between processes."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.development.servers.locks import FileLock

HOLD = """
import sys, time
from pathlib import Path
from deploy.development.servers.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.take()
lock.sign()
print("held", flush=True)
time.sleep(60)
"""


def test_shared_holders_keep_out_an_exclusive_one(tmp_path: Path) -> None:
    one, two, alone = (FileLock(tmp_path / "lock") for _ in range(3))
    assert one.take(shared=True)
    assert two.take(shared=True, wait=False)
    assert not alone.take(wait=False)
    one.release()
    assert not alone.take(wait=False)
    two.release()
    assert alone.take(wait=False)


def test_a_shared_lock_becomes_exclusive_for_the_last_one(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    one.take(shared=True)
    two.take(shared=True)
    assert not one.take(wait=False)
    one.release()
    assert two.take(wait=False)


def test_the_holder_is_known_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert FileLock(path).holder() is None
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    assert FileLock(path).holder() == process.pid
    process.kill()
    process.communicate()
    assert FileLock(path).holder() is None
    assert path.stat().st_mode & 0o077 == 0
    assert path.stat().st_uid == os.getuid()
