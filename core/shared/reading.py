"""Where reports are read from: a replica, where REPORTS_DATABASE_URL names one."""

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
    """For reading what reports are made of, in the current chain and under its role.

    Inside a transaction it is that transaction's, which sees what it has written itself. So it is where the replica
    does not answer, or does not know the chain yet.
    """
    replica = None if connection.in_atomic_block else _replica_in_chain()
    with (replica or connection).cursor() as cursor:
        yield cursor


def _replica_in_chain() -> Any:
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
