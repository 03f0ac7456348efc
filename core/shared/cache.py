"""The cache. Keys carry the schema, so that chains cannot read each other's values, and pages work without the server.

Every value may be lost at any moment. While the server is down, reads miss, writes are dropped and locks (`add`) are
refused, since another process may hold one. Rate limits continue in the memory of each process, looser by the number
of processes.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from redis.exceptions import RedisError

from core.shared.circuit_breaker import CircuitBreaker

# Prefix of keys that all chains share.
PLATFORM = "platform-wide:"
# Prefix of django-allauth's rate limits: lists of times, which allauth changes under a lock.
ALLAUTH_LIMITS = "allauth:rl:"
# For connecting and for each answer.
TIMEOUT_SECONDS = 0.2
RETRY_SECONDS = 3
_circuits: dict[str, CircuitBreaker] = {}
logger = logging.getLogger(__name__)
T = TypeVar("T")


def chain_key(key: str, key_prefix: str, version: int) -> str:
    schema = getattr(connection, "schema_name", None) or "public"
    return f"{key_prefix}:{'public' if key.startswith(PLATFORM) else schema}:{version}:{key}"


def delete_chain_keys(schema: str) -> int:
    """Deletes all keys of a chain and returns how many there were. Raises RedisError."""
    backend: Any = caches["default"]
    prefix = f"{backend.key_prefix}:{schema}:"
    if isinstance(backend, RedisCache):
        client = backend._cache.get_client(write=True)  # noqa: SLF001
        # No name of a schema means anything in a pattern.
        return sum(client.delete(key) for key in client.scan_iter(match=f"{prefix}*", count=1000))
    keys = [key for key in backend._cache if key.startswith(prefix)]  # noqa: SLF001
    for key in keys:
        del backend._cache[key], backend._expire_info[key]  # noqa: SLF001
    return len(keys)


class ProcessCache(LocMemCache):
    """Within one process: in tests, and for rate limits while the shared one does not answer."""

    def count(self, key: str, seconds: int, by: int = 1) -> int:
        """Increments a counter that expires so many seconds after its first use; returns the new count."""
        while True:
            self.add(key, 0, seconds)
            try:
                return self.incr(key, by)
            except ValueError:  # it expired in between
                continue

    def check(self) -> None:
        """It always answers."""


class SharedCache(RedisCache):
    """Valkey or Redis, for all processes."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        super().__init__(server, {**params, "OPTIONS": {**timeouts, **params.get("OPTIONS", {})}})
        self.circuit = _circuits.setdefault(server, CircuitBreaker(RETRY_SECONDS))
        self._limits = ProcessCache("rate-limits", {**params, "OPTIONS": {"MAX_ENTRIES": 100_000}})

    def count(self, key: str, seconds: int, by: int = 1) -> int:
        """Increments a counter that expires so many seconds after its first use; returns the new count. Atomic, so that
        simultaneous callers get different counts."""
        name = self.make_and_validate_key(key)

        def counted() -> int | None:
            steps = self._cache.get_client(write=True).pipeline(transaction=True)
            steps.set(name, 0, ex=seconds, nx=True)
            steps.incrby(name, by)
            return int(steps.execute()[1])

        now = self._call(counted, default=None)
        return self._limits.count(key, seconds, by) if now is None else now

    def check(self) -> None:
        """Raises RedisError if the server cannot store a value; ignores the circuit breaker."""
        self._cache.set(self.make_key("readyz"), 1, 10)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._limit_or("get", key, default, version, default=default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._limit_or("set", key, value, timeout, version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._limit_or("add", key, value, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._limit_or("delete", key, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._call(lambda: bool(super(SharedCache, self).touch(key, timeout, version)), default=False)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._call(lambda: bool(super(SharedCache, self).has_key(key, version)), default=False)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError, as for a key that is not there."""
        now = self._call(lambda: super(SharedCache, self).incr(key, delta, version), default=None)
        if now is None:
            raise ValueError(f"{key!r} cannot be counted: the cache does not answer.")
        return now

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        return self._call(lambda: super(SharedCache, self).get_many(keys, version), default={})

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        return self._call(lambda: super(SharedCache, self).set_many(data, timeout, version), default=list(data))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._call(lambda: super(SharedCache, self).delete_many(keys, version), default=None)

    def clear(self) -> None:
        self._call(super().clear, default=None)

    def _limit_or(self, name: str, key: str, *values: Any, default: Any = None) -> Any:
        """Asks the server; for a rate limit, if it does not answer, the process's own memory."""
        limits = getattr(self._limits, name) if key.startswith(ALLAUTH_LIMITS) else None
        call = getattr(super(), name)
        unanswered = object()
        value = self._call(lambda: call(key, *values), default=unanswered)
        if value is not unanswered:
            return value
        return limits(key, *values) if limits else default

    def _call(self, call: Callable[[], T], *, default: T) -> T:
        if not self.circuit.allows():
            return default
        try:
            value = call()
        except RedisError as error:
            if self.circuit.failed():
                logger.warning("The cache does not answer; pages do without it until it does: %r", error)
            return default
        if self.circuit.succeeded():
            logger.info("The cache answers again.")
        return value
