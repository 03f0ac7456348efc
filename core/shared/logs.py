"""Every log line says which chain it is of, or `-`."""

import logging

from celery import current_task
from django.db import connection
from django_tenants.utils import get_public_schema_name

from core.shared.tasks import CHAIN_HEADER


class ChainFilter(logging.Filter):
    """Gives each record its `chain`: the one entered, else the one that the task at work was sent for."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.chain = _entered() or _of_task() or "-"
        return True


def _entered() -> str | None:
    schema = getattr(connection, "schema_name", None)
    return None if schema == get_public_schema_name() else schema


def _of_task() -> str | None:
    """Celery itself logs how a task ended, outside the chain."""
    request = getattr(current_task, "request", None)
    headers = getattr(request, "headers", None) or {}
    return headers.get(CHAIN_HEADER)
