"""Brakes guessing of passwords: ten failures in a quarter of an hour for an address of the network and an e-mail."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

FAILURES = 10
SECONDS = 15 * 60


def is_braked(request: HttpRequest, email: str) -> bool:
    return int(cache.get(_key(request, email)) or 0) >= FAILURES


def record_failure(request: HttpRequest, email: str) -> None:
    key = _key(request, email)
    # The time runs from the first failure.
    if not cache.add(key, 1, SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            cache.set(key, 1, SECONDS)


def forget_failures(request: HttpRequest, email: str) -> None:
    cache.delete(_key(request, email))


def _key(request: HttpRequest, email: str) -> str:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"sign-in:{digest}:{request.META.get('REMOTE_ADDR', '')}"
