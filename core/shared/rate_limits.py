"""Rate limits, counted atomically in the cache, so that simultaneous requests cannot exceed them.

A period begins with its first request. While the cache is down, each process counts for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.core.cache import caches

from core.shared.cache import PLATFORM, ProcessCache, SharedCache


def is_over_limit(name: str, who: str, *, times: int, seconds: int) -> bool:
    """Counts this call too, across all chains."""
    return _count(name, who, seconds) > times


@contextmanager
def counted_if_done(name: str, who: str, *, times: int, seconds: int) -> Iterator[bool]:
    """Yields whether the block is allowed. It is counted beforehand, and not counted if it fails or is refused."""
    allowed = _count(name, who, seconds) <= times
    done = False
    try:
        yield allowed
        done = allowed
    finally:
        if not done:
            _count(name, who, seconds, by=-1)


def _count(name: str, who: str, seconds: int, by: int = 1) -> int:
    cache = cast("SharedCache | ProcessCache", cast("Any", caches["default"]))
    return cache.count(f"{PLATFORM}limit:{name}:{who}", seconds, by)
