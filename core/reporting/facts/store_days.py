"""Keeps the counts of lines current, by store and day and by month, and what those without a client come to."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.anonymous import recount_anonymous_days


def add_store_day(*, store_id: int, day: date, lines: int, anonymous: bool) -> None:
    """Counts the lines of a visit that is new."""
    values = [store_id, day, lines, lines if anonymous else 0]
    with connection.cursor() as cursor:
        _add(
            cursor, "SELECT %s::int AS store_id, %s::date AS day, %s::int AS lines, %s::int AS anonymous_lines", values
        )
        if anonymous:
            recount_anonymous_days(cursor, "SELECT %s::int AS store_id, %s::date AS day", [store_id, day])


def add_store_days_from(cursor: CursorWrapper, *, table: str) -> None:
    """Adds the lines of new visits (store_id, day, client_id, lines) of a temporary table to what is counted."""
    _add(
        cursor,
        "SELECT store_id, day, sum(lines::int) AS lines, "  # noqa: S608
        "coalesce(sum(lines::int) FILTER (WHERE client_id IS NULL), 0) AS anonymous_lines "
        f"FROM {table} GROUP BY store_id, day",
    )
    recount_anonymous_days(
        cursor,
        f"SELECT store_id, day FROM (SELECT * FROM {table}) AS new_visits WHERE client_id IS NULL",  # noqa: S608
    )


def _add(cursor: CursorWrapper, days: str, params: Sequence[Any] = ()) -> None:
    cursor.execute(
        f"""WITH added AS MATERIALIZED ({days}), of_months AS ({_add_months("added")})
            INSERT INTO reporting_storeday (store_id, day, lines, anonymous_lines)
            SELECT * FROM added ORDER BY store_id, day
            ON CONFLICT (store_id, day) DO UPDATE SET lines = reporting_storeday.lines + excluded.lines,
                anonymous_lines = reporting_storeday.anonymous_lines + excluded.anonymous_lines""",  # noqa: S608
        params,
    )


def recount_store_days(cursor: CursorWrapper, touched: str, params: Sequence[Any] = ()) -> None:
    """Counts the lines of all pairs (store_id, day) of a query or a temporary table anew.

    Locks the rows first, in order, so that of two writers the second counts what the first has added.
    """
    cursor.execute(
        f"INSERT INTO reporting_storeday (store_id, day, lines, anonymous_lines) "  # noqa: S608
        f"SELECT DISTINCT store_id, day, 0, 0 FROM ({touched}) AS touched ORDER BY store_id, day "
        "ON CONFLICT (store_id, day) DO UPDATE SET lines = reporting_storeday.lines",
        params,
    )
    cursor.execute(
        f"""WITH touched AS MATERIALIZED (SELECT DISTINCT store_id, day FROM ({touched}) AS pairs),
            counted AS MATERIALIZED (
                SELECT t.store_id, t.day, count(l.id) AS lines,
                       count(l.id) FILTER (WHERE v.client_id IS NULL) AS anonymous_lines
                FROM touched t
                LEFT JOIN visits_visit v ON v.store_id = t.store_id AND v.day = t.day AND v.voided_at IS NULL
                LEFT JOIN visits_visitline l ON l.visit_id = v.id
                GROUP BY t.store_id, t.day),
            differing AS (
                SELECT day, c.lines - s.lines AS lines, c.anonymous_lines - s.anonymous_lines AS anonymous_lines
                FROM counted c JOIN reporting_storeday s USING (store_id, day)
                WHERE (c.lines, c.anonymous_lines) <> (s.lines, s.anonymous_lines)),
            of_months AS ({_add_months("differing")})
            UPDATE reporting_storeday s SET lines = c.lines, anonymous_lines = c.anonymous_lines
            FROM counted c WHERE s.store_id = c.store_id AND s.day = c.day""",  # noqa: S608
        params,
    )
    recount_anonymous_days(cursor, touched, params)


def _add_months(days: str) -> str:
    """A statement that adds what days (day, lines, anonymous_lines) come to in each month."""
    return (
        "INSERT INTO reporting_monthlines (month, lines, anonymous_lines) "  # noqa: S608
        "SELECT date_trunc('month', day)::date, sum(lines), sum(anonymous_lines) "
        f"FROM {days} GROUP BY 1"
    )


def fold_months(cursor: CursorWrapper) -> None:
    """Makes one row of the rows of each month. What is added meanwhile stays as it is."""
    cursor.execute(
        "WITH gone AS (DELETE FROM reporting_monthlines WHERE month IN "
        "(SELECT month FROM reporting_monthlines GROUP BY month HAVING count(*) > 1) "
        "RETURNING month, lines, anonymous_lines) "
        "INSERT INTO reporting_monthlines (month, lines, anonymous_lines) "
        "SELECT month, sum(lines), sum(anonymous_lines) FROM gone GROUP BY month"
    )
