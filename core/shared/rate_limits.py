"""How often something may be done: counted in the cache, each time in one step, so that of any number at the same
moment no more pass than are allowed.

The period runs from its first time. While the cache does not answer, each process counts for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.core.cache import caches

from core.shared.cache import PLATFORM, ProcessCache, SharedCache


def is_over_limit(name: str, who: str, *, times: int, seconds: int) -> bool:
    """Counts this time as well, for all chains together."""
    return _count(name, who, seconds) > times


@contextmanager
def counted_if_done(name: str, who: str, *, times: int, seconds: int) -> Iterator[bool]:
    """Whether what is to be done within is allowed. It is counted beforehand, and given back where it fails or is
    refused."""
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
