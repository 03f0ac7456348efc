"""Sends tasks to the queue on behalf of requests, which neither fail nor wait when the queue does not answer.

What a task is to do is in the database before it is sent, and the schedule finds it there: a message only hurries it.
"""

import logging
import time
from typing import Any

from celery import Task, current_app
from django.db import transaction
from django.utils.translation import gettext as _
from kombu import Connection
from kombu.exceptions import OperationalError

from core.shared.circuit import Circuit
from core.shared.errors import AppError
from core.shared.origin import current_origin
from core.shared.tasks import CHAIN_HEADER, OPERATOR_HEADER, ChainTask, current_schema

# Of connecting, and of each answer. Workers wait longer: they have nobody waiting for them.
SECONDS = 0.25
_OPTIONS = {
    # Redis and Valkey.
    "socket_connect_timeout": SECONDS,
    "socket_timeout": SECONDS,
    # RabbitMQ.
    "read_timeout": SECONDS,
    "write_timeout": SECONDS,
    "max_retries": 0,
}
circuit = Circuit(seconds=3)
logger = logging.getLogger(__name__)


def send_after_commit(task: "Task[..., Any]", *args: Any, headers: dict[str, str] | None = None) -> None:
    """Once the transaction is there, a worker is told; if the queue does not answer, the schedule tells one later."""
    in_chain = _with_chain(task, headers)  # by the time of the commit the code may have left it

    def send_now() -> None:
        send(task, *args, headers=in_chain)

    transaction.on_commit(send_now, robust=True)


def send(task: "Task[..., Any]", *args: Any, headers: dict[str, str] | None = None) -> bool:
    """Whether the queue has taken it: told in a fraction of a second, or at once while it is known to be down."""
    headers = _with_chain(task, headers)
    if current_app.conf.task_always_eager:
        task.apply_async(args, headers=headers)
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
        task.apply_async(args, headers=headers, **options)
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
    """For what the schedule would not find. Raises AppError where the queue does not take it."""
    if not send(task, *args):
        raise nobody_takes_work()


def nobody_takes_work() -> AppError:
    message = _("Nobody takes work in the background just now. Nothing was changed; try again in a minute.")
    return AppError("no_worker", message, status=503)


def queue_connection() -> Connection:
    """A new one, so that it is neither stale nor waited for, with short time-outs."""
    return current_app.connection_for_write(connect_timeout=SECONDS, transport_options=_OPTIONS)


def _with_chain(task: "Task[..., Any]", headers: dict[str, str] | None) -> dict[str, str]:
    if not isinstance(task, ChainTask):
        return dict(headers or {})
    told = {OPERATOR_HEADER: current_origin().operator or "", **(headers or {})}
    if CHAIN_HEADER not in told:
        told[CHAIN_HEADER] = current_schema(task=str(task.name))
    return told
