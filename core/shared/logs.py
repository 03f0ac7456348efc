"""Every log line says which chain it is of, or `-`."""

import logging

from celery import current_task
from django.db import connection

from core.shared.chain import is_inside_chain
from core.shared.tasks import CHAIN_HEADER


class ChainFilter(logging.Filter):
    """Gives each record its `chain`: the one entered, else the one that the task at work was sent for."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.chain = _entered() or _of_task() or "-"
        return True


def _entered() -> str | None:
    return getattr(connection, "schema_name", None) if is_inside_chain() else None


def _of_task() -> str | None:
    """Celery itself logs how a task ended, outside the chain."""
    request = getattr(current_task, "request", None)
    headers = getattr(request, "headers", None) or {}
    schema: str | None = headers.get(CHAIN_HEADER)
    return schema
