"""Deeds at the same moment, over real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier
from typing import Any

from django.db import connections
from django_tenants.utils import tenant_context

from core.shared.errors import AppError
from tenants.models import Chain

# Seconds until the last of them has started.
START = 60


def at_once(*deeds: Callable[[], Any], chain: Chain | None = None) -> list[Any]:
    """Each in a thread and connection of its own, all let go together: what it returns, or the code of its refusal."""
    gate = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            with nullcontext() if chain is None else tenant_context(chain):
                gate.wait(START)
                return deed()
        except AppError as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def refusals_at_once(*deeds: Callable[[], Any], chain: Chain | None = None) -> list[str]:
    """The codes of those refused, in order; nothing for each that was done."""

    def without_result(deed: Callable[[], Any]) -> Callable[[], str]:
        def run() -> str:
            deed()
            return ""

        return run

    return sorted(at_once(*map(without_result, deeds), chain=chain))
