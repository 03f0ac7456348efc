"""Valkey or Redis as cache: the embedded server unless CACHE_URL names another."""

from config.embedded.locations import cache_url
from config.env import env, revisit_home

CACHES = {
    "default": {
        "BACKEND": "core.shared.cache.SharedCache",
        "LOCATION": env.str("CACHE_URL", default="") or cache_url(revisit_home()),
        "KEY_FUNCTION": "core.shared.cache.chain_key",
    }
}
