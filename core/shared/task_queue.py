"""Sends tasks to the broker on behalf of requests, which neither fail nor wait if it is down.

The work stands in the database before its task is sent, and the schedule finds it there: a message only speeds it up.
"""

import logging
import time
from typing import Any

from celery import Task, current_app
from django.db import transaction
from django.utils.translation import gettext as _
from kombu import Connection
from kombu.exceptions import OperationalError

from core.shared.circuit_breaker import CircuitBreaker
from core.shared.errors import AppError
from core.shared.tasks import ChainTask

# For connecting and for each answer. Workers have a longer timeout: no user waits for them.
TIMEOUT_SECONDS = 0.25
_OPTIONS = {
    # Redis and Valkey.
    "socket_connect_timeout": TIMEOUT_SECONDS,
    "socket_timeout": TIMEOUT_SECONDS,
    # RabbitMQ.
    "read_timeout": TIMEOUT_SECONDS,
    "write_timeout": TIMEOUT_SECONDS,
    "max_retries": 0,
}
circuit = CircuitBreaker(seconds=3)
logger = logging.getLogger(__name__)


def send_after_commit(task: "Task[..., Any]", *args: Any, headers: dict[str, str] | None = None) -> None:
    """Send the task once the transaction is committed; if the broker is down, the schedule sends it later."""
    if isinstance(task, ChainTask):  # the code may have left the chain by the time of the commit
        headers = task.chain_headers(headers or {})
    transaction.on_commit(lambda: send(task, *args, headers=headers), robust=True)


def send(task: "Task[..., Any]", *args: Any, headers: dict[str, str] | None = None) -> bool:
    """Whether the broker took the task: known within the timeout, or at once while the circuit breaker is open."""
    if current_app.conf.task_always_eager:
        task.apply_async(args, headers=headers or {})
        return True
    if not circuit.allows():
        return False
    connection = queue_connection()
    failures: tuple[type[BaseException], ...] = (
        OperationalError,
        OSError,
        *connection.connection_errors,
        *connection.channel_errors,
    )
    began = time.monotonic()
    try:
        options: dict[str, Any] = {"connection": connection, "retry": False}
        task.apply_async(args, headers=headers or {}, **options)
    except failures as error:
        circuit.failed()
        waited = time.monotonic() - began
        logger.warning("%s was not sent, the queue does not answer (%.2f s): %r", task.name, waited, error)
        return False
    finally:
        connection.release()
    circuit.succeeded()
    return True


def send_or_refuse(task: "Task[..., Any]", *args: Any) -> None:
    """For tasks that the schedule would not find. Raises AppError if the broker does not take it."""
    if not send(task, *args):
        raise queue_unavailable()


def queue_unavailable() -> AppError:
    message = _("Nobody takes work in the background just now. Nothing was changed; try again in a minute.")
    return AppError("no_worker", message, status=503)


def queue_connection() -> Connection:
    """A new connection with short timeouts: a pooled one may be stale or in use."""
    return current_app.connection_for_write(connect_timeout=TIMEOUT_SECONDS, transport_options=_OPTIONS)
