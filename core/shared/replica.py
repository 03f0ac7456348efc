"""Reads reports from a replica of the database, if REPORTS_DATABASE_URL names one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import DatabaseError, connection, connections
from django.db.backends.utils import CursorWrapper

from core.shared.chain import current_chain

REPLICA = "reports"
logger = logging.getLogger(__name__)


@contextmanager
def report_cursor() -> Iterator[CursorWrapper]:
    """A cursor for reading facts, in the current chain and under its role.

    It uses the primary database inside a transaction, which has to see its own writes, and if the replica is down or
    does not know the chain yet.
    """
    replica = None if connection.in_atomic_block else _replica_of_chain()
    with (replica or connection).cursor() as cursor:
        yield cursor


def _replica_of_chain() -> Any:
    if REPLICA not in connections.settings:
        return None
    replica = cast("Any", connections[REPLICA])
    replica.set_tenant(current_chain())
    try:
        with replica.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The replica does not serve; reading from the database itself: %s", error)
        return None
    return replica
