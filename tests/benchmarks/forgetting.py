"""What reports keep, forgotten: the next answer is a first one."""

from django.core.cache import cache
from django.db import connection

from core.reporting.facts.period_cache import drop_all


def forget_cached() -> None:
    """All but the kept counts of standard periods."""
    cache.clear()


def forget_counts() -> None:
    cache.clear()
    with connection.cursor() as cursor:
        drop_all(cursor)


def forget_connection() -> None:
    """The counts, and what the database's backend has touched: it would not show as memory again."""
    forget_counts()
    connection.close()
