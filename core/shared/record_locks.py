"""Locks a record before a person changes or deletes it."""

from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from psycopg.errors import LockNotAvailable

from core.shared.errors import AppError

M = TypeVar("M", bound=Model)
# An import holds the records of its chain until it ends: who would change one is told so, rather than left waiting.
LOCK_SECONDS = 5


def lock_record(records: QuerySet[M], in_use: AppError) -> M | None:
    """The first, once all who are recording something of it are done. Within a transaction. Raises `in_use` where that
    takes long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            found = records.select_for_update(of=("self",)).first()
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise in_use from error
    return found
