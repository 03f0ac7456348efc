"""Valkey or Redis as cache, at CACHE_URL; in a checkout its own unless that is set."""

from config.development import server_url

CACHES = {
    "default": {
        "BACKEND": "core.shared.cache.SharedCache",
        "LOCATION": server_url("CACHE_URL"),
        "KEY_FUNCTION": "core.shared.cache.chain_key",
    }
}
