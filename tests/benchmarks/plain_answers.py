"""The same answers on the same rows by other means: DuckDB, plain SQL, lifelines."""

import tempfile
from collections.abc import Mapping
from datetime import date

import duckdb
import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from lifelines import KaplanMeierFitter

# By store: clients, and those of them who came back.
Repurchase = dict[int, tuple[int, int]]
# By store: days of each client to the return or to the end of the follow-up, and whether it was a return.
Followed = dict[int, tuple[np.ndarray, np.ndarray]]

_REPURCHASE = """
    SELECT store, count(*), count(*) FILTER (WHERE days >= 2) FROM (
        SELECT client, {first} AS store, count(*) AS days FROM {days} WHERE day >= '{start}' AND day < '{end}'
        GROUP BY client) AS c
    GROUP BY store"""
_FOLLOWED = """
    SELECT store, least(gap, followed)::int AS days, gap <= followed AS returned FROM (
        SELECT store, day, coalesce(lead(day) OVER later - day, 100000) AS gap, $as_of - day AS followed,
               lag(day) OVER later AS before
        FROM visit_day WINDOW later AS (PARTITION BY client ORDER BY day))
    WHERE day >= $start AND day < $until AND (before IS NULL OR before < $start) AND followed >= 0
    ORDER BY store"""


# A store of the big chain is in one region and one city as long as it is there.
_PLACES = """
    SELECT region, city, store, count(*), count(*) FILTER (WHERE days >= 2) FROM (
        SELECT client, arg_min(store, day) AS store, count(*) AS days FROM visit_day
        WHERE day >= $start AND day < $until GROUP BY client) AS c JOIN place USING (store)
    GROUP BY GROUPING SETS ((region), (region, city), (region, city, store))"""
_TOTALS = """
    WITH client_days AS (
        SELECT client, min(day) AS first_day,
               count(*) FILTER (WHERE day >= $start AND day < $until) AS days,
               100 * count(*) FILTER (WHERE day >= $start - 365 AND day < $start) AS spent
        FROM visit_day WHERE day < $until GROUP BY client)
    SELECT sum(days), count(*) FILTER (WHERE days > 0), count(*) FILTER (WHERE days > 0 AND first_day >= $start),
           count(*) FILTER (WHERE days >= 2), count(*) FILTER (WHERE days > 0 AND spent >= 1500)
    FROM client_days"""
_COHORTS = """
    WITH first_days AS (SELECT client, min(day) AS first_day FROM visit_day GROUP BY client)
    SELECT strftime(first_day, '%Y-%m'), (day - first_day) // 30, count(DISTINCT client)
    FROM visit_day JOIN first_days USING (client)
    WHERE first_day >= $start AND first_day < $until AND day <= $as_of GROUP BY 1, 2"""


def in_memory(cursor: CursorWrapper) -> duckdb.DuckDBPyConnection:
    memory = duckdb.connect()
    memory.execute("SET threads = 2")
    memory.execute("CREATE TABLE visit_day (client BIGINT, store INTEGER, day DATE)")
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        with cursor.copy("COPY (SELECT client_id, store_id, day FROM visits_visit) TO STDOUT (FORMAT CSV)") as copy:
            for block in copy:
                file.write(block)
        file.flush()
        memory.execute("INSERT INTO visit_day SELECT * FROM read_csv(?, header = false)", [file.name])
    return memory


def by_duckdb(memory: duckdb.DuckDBPyConnection, start: date, end: date) -> Repurchase:
    text = _REPURCHASE.format(first="arg_min(store, day)", days="visit_day", start=start, end=end)
    return {store: (clients, repeats) for store, clients, repeats in memory.execute(text).fetchall()}


def with_places(memory: duckdb.DuckDBPyConnection, places: Mapping[int, tuple[str, str]]) -> None:
    """Region and city of each store."""
    memory.execute("CREATE TABLE place (store INTEGER, region TEXT, city TEXT)")
    rows = [(store, region, city) for store, (region, city) in places.items()]
    memory.executemany("INSERT INTO place VALUES (?, ?, ?)", rows)


def places_by_duckdb(
    memory: duckdb.DuckDBPyConnection, start: date, end: date
) -> dict[tuple[str, ...], tuple[int, int]]:
    """By path: clients, and those of them who came back."""
    rows = memory.execute(_PLACES, {"start": start, "until": end}).fetchall()
    return {
        tuple(str(part) for part in path if part is not None): counts
        for path, counts in ((row[:3], row[3:]) for row in rows)
    }


def totals_by_duckdb(memory: duckdb.DuckDBPyConnection, start: date, end: date) -> tuple[int, ...]:
    """Visits, clients, new clients, those who came back, those of middle or high value by the year before."""
    found = memory.execute(_TOTALS, {"start": start, "until": end}).fetchone()
    return tuple(map(int, found or ()))


def cohorts_by_duckdb(
    memory: duckdb.DuckDBPyConnection, start: date, end: date, as_of: date
) -> dict[tuple[str, int], int]:
    """By month of the first day and column: clients who came."""
    rows = memory.execute(_COHORTS, {"start": start, "until": end, "as_of": as_of}).fetchall()
    return {(month, column): clients for month, column, clients in rows}


def by_plain_sql(start: date, end: date) -> Repurchase:
    visits = "(SELECT client_id AS client, store_id AS store, day FROM visits_visit WHERE voided_at IS NULL) AS v"
    text = _REPURCHASE.format(first="(array_agg(store ORDER BY day))[1]", days=visits, start=start, end=end)
    with connection.cursor() as cursor:
        cursor.execute(text)
        return {store: (clients, repeats) for store, clients, repeats in cursor.fetchall()}


def followed(memory: duckdb.DuckDBPyConnection, start: date, end: date, as_of: date) -> Followed:
    found = memory.execute(_FOLLOWED, {"start": start, "until": end, "as_of": as_of}).fetchnumpy()
    stores, begins = np.unique(found["store"], return_index=True)
    days, returned = (np.split(found[name], begins[1:]) for name in ("days", "returned"))
    return {int(store): (days[place], returned[place]) for place, store in enumerate(stores)}


def by_lifelines(clients: Followed, within: int) -> Mapping[int, tuple[float, float, float]]:
    """By store: the share that returns within so many days, and its interval."""
    rates = {}
    for store, (days, returned) in clients.items():
        fitted = KaplanMeierFitter().fit(days, returned, timeline=range(within + 1))
        low, high = fitted.confidence_interval_.loc[within].tolist()
        rates[store] = 1 - float(fitted.survival_function_at_times(within).iloc[0]), 1 - high, 1 - low
    return rates
