"""What this machine, or the container we run in, offers."""

import os
import shutil
from pathlib import Path

_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_ENOUGH_SHARED_MEMORY = 256 * 1024 * 1024


def memory() -> int:
    """Bytes of memory we may use."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([whole, *(int(text) for text in map(_read, _LIMITS) if text.isdigit())])


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def cores() -> int:
    """Processors we may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_memory_is_small() -> bool:
    """Containers often have 64 MB of it, too little for parallel queries."""
    place = Path("/dev/shm")  # noqa: S108 - asked for its size, not written to
    return place.exists() and shutil.disk_usage(place).free < _ENOUGH_SHARED_MEMORY
