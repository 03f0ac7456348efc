"""What can go wrong with the servers of this machine, as one clear sentence each."""

import errno
from pathlib import Path

from config.errors import NO_SPACE, StartError, disk_full


def from_os_error(error: OSError, place: Path | str) -> StartError:
    """An operating-system error of a file below `place`, put in words."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return disk_full(place)
    return StartError(f"Cannot use {error.filename or place}: {error.strerror or error}.")


def size_of(log: Path) -> int:
    """How far the log reaches now: what comes later is what a start wrote."""
    return log.stat().st_size if log.exists() else 0


def from_log(what: str, log: Path, since: int = 0) -> StartError:
    """`what` happened, and why, read from what was logged."""
    written = log.read_bytes()[since:].decode(errors="replace") if log.exists() else ""
    if NO_SPACE in written:
        return disk_full(log.parent.parent)
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "rror:" in line] or lines
    reason = f": {telling[-1]}" if telling else ""
    return StartError(f"{what}{reason} (see {log}).")
