"""Cache keys carry the schema, so that no chain ever reads what another has kept."""

from typing import Any

from django.core.cache import cache
from django.db import connection


def chain_key(key: str, key_prefix: str, version: int) -> str:
    schema = getattr(connection, "schema_name", None) or "public"
    return f"{key_prefix}:{schema}:{version}:{key}"


def forget_chain(schema: str) -> int:
    """All that the cache keeps for a chain; how many keys it were. No name of a schema means anything in a pattern."""
    backend: Any = cache
    prefix = f"{backend.key_prefix}:{schema}:"
    if hasattr(backend, "_cache") and hasattr(backend._cache, "get_client"):  # noqa: SLF001 - Redis or Valkey
        client = backend._cache.get_client(write=True)  # noqa: SLF001
        return sum(client.delete(key) for key in client.scan_iter(match=f"{prefix}*", count=1000))
    # Django's cache within one process, which the tests use.
    keys = [key for key in backend._cache if key.startswith(prefix)]  # noqa: SLF001
    for key in keys:
        del backend._cache[key], backend._expire_info[key]  # noqa: SLF001
    return len(keys)
