"""For the plain counts: what they read for one question they need not read again for the next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_found: dict[Any, Any] | None = None


@contextmanager
def reading_once() -> Iterator[None]:
    """Nothing may change the visits after the first plain count in it."""
    global _found  # noqa: PLW0603
    _found = {}
    try:
        yield
    finally:
        _found = None


def read_once(function: Callable[P, R]) -> Callable[P, R]:
    """Within `reading_once`, called once for the same arguments; elsewhere each time."""

    @wraps(function)
    def reader(*args: P.args, **kwargs: P.kwargs) -> R:
        if _found is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in _found:
            _found[key] = function(*args, **kwargs)
        result: R = _found[key]
        return result

    return reader
