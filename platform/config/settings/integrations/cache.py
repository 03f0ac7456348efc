"""Valkey or Redis as cache: the embedded server unless CACHE_URL names another."""

from config.development import server_url

CACHES = {
    "default": {
        "BACKEND": "core.shared.cache.SharedCache",
        "LOCATION": server_url("CACHE_URL"),
        "KEY_FUNCTION": "core.shared.cache.chain_key",
    }
}
