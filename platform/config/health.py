"""`/healthz`: the process is alive. `/readyz`: database, cache and broker answer too.

Answered before all other middleware, so that probes work with any host name, without chain or session.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.shared.chain import outside_chain
from core.shared.task_queue import queue_connection

logger = logging.getLogger(__name__)


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    parts = {name: _answers(name, check) for name, check in CHECKS.items()}
    states = {name: "ok" if answers else "failed" for name, answers in parts.items()}
    return JsonResponse(states, status=200 if all(parts.values()) else 503)


def _answers(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except (DatabaseError, RedisError, OperationalError, OSError):
        logger.warning("Not ready: the %s does not answer.", name, exc_info=True)
        return False
    return True


def _check_database() -> None:
    """Query as the platform: the chain this thread served last may be gone."""
    with outside_chain(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_cache() -> None:
    # Bypasses the fallback that lets pages work without the cache.
    backend: Any = caches["default"]
    backend.check()


def _check_broker() -> None:
    with queue_connection() as queue:
        queue.ensure_connection(max_retries=0)


CHECKS: dict[str, Callable[[], None]] = {"database": _check_database, "cache": _check_cache, "broker": _check_broker}
