"""Questions on a chain of 500 stores and 5 million visit days; recording one visit in it; its page.

The visit days are drawn by the database with a fixed seed over three years; clients come with a skewed frequency, and
nine times of ten to the own store.
"""

import gc
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import duckdb
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.reporting import receivers
from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.facts import refresh
from core.reporting.grouped_counts import grouped_counts
from core.reporting.question import BREAKDOWNS, Question
from core.shared.chain import without_statement_timeout
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tenants.provisioning import create_chain
from tests.benchmarks.rows import Row, best_ms, one_ms, percentile, row

STORES, CLIENTS, DAYS = 500, 800_000, 5_000_000
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
RECORDED = 200
OTHER = (date(2024, 3, 15), date(2025, 3, 15))
Answer = dict[int, tuple[int, int]]

_FILL = [
    """INSERT INTO stores_store (code, name, time_zone)
       SELECT 'S' || lpad(i::text, 3, '0'), 'Store ' || i, '' FROM generate_series(1, {stores}) i""",
    """INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region)
       SELECT i, '0001-01-01', 'City ' || i % 40, (ARRAY['一线', '新一线', '二线', '三线'])[1 + i % 4],
              'Region ' || i % 7
       FROM generate_series(1, {stores}) i""",
    "INSERT INTO catalogue_servicecategory (name) SELECT 'Category ' || i FROM generate_series(1, 4) i",
    """INSERT INTO clients_client (ref, name, gender, phone, backup_phone, wechat, email, occupation, education)
       SELECT 'C' || i, '', '', '', '', '', '', '', '' FROM generate_series(1, {clients}) i""",
    "SELECT setseed(0.42)",
    """INSERT INTO visits_visit (store_id, client_id, day, start_time, ref)
       SELECT store, client, day, '10:00', '' FROM (
           SELECT DISTINCT ON (client, day) client, day,
                  CASE WHEN random() < 0.9 THEN 1 + client % {stores}
                       ELSE 1 + floor(random() * {stores})::int END AS store
           FROM (SELECT 1 + floor(power(random(), 1.5) * {clients})::bigint AS client,
                        date '2023-01-01' + floor(random() * 1096)::int AS day
                 FROM generate_series(1, {days} * 51 / 50)) AS drawn
           LIMIT {days}) AS visits""",
    """INSERT INTO visits_visitline (visit_id, kind, category_id, staff_id, quantity, amount, paid_by_card)
       SELECT id, 'service', 1 + (id * 7919) % 4, NULL, 1, 100, false FROM visits_visit""",
]


def run() -> Iterator[Row]:
    with _chain("bigchain", STORES, CLIENTS, DAYS) as big:
        yield from _questions()
        yield from _page(big)
    with tenant_context(big):
        recorded = _record()
    with _chain("smallchain", 5, 800, 5_000):
        small = _record()
    for name, index in (("Recording a visit", 0), ("of which keeping the facts current", 1)):
        yield row(
            f"{name}, 95th percentile", recorded[index], "ms", than="in a chain of 5,000 days", alternative=small[index]
        )


@contextmanager
def _chain(schema: str, stores: int, clients: int, days: int) -> Iterator[Chain]:
    create_chain(schema=schema, name=schema)
    chain = Chain.objects.get(schema_name=schema)
    with tenant_context(chain), without_statement_timeout(), connection.cursor() as cursor:
        for statement in _FILL:
            sys.stderr.write(f"{schema}: {' '.join(statement.split())[:70]}\n")
            cursor.execute(statement.format(stores=stores, clients=clients, days=days))
        with transaction.atomic():
            refresh.refresh_all()
        _tidy()
        yield chain


def _tidy() -> None:
    """What autovacuum does soon after an import, waited for."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in (
            "visits_visit",
            "visits_visitline",
            "reporting_factblock",
            "reporting_clientfacts",
            "reporting_storeday",
            "clients_client",
        ):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _questions() -> Iterator[Row]:
    with connection.cursor() as cursor:
        memory = _in_memory(cursor)
        for name, (start, end) in (("a calendar year", YEAR), ("a year from 15 March", OTHER)):
            duck = partial(_duckdb, memory, start, end)
            plain = partial(_plain, cursor, start, end)
            ours = partial(_ours, start, end)
            if not duck() == plain() == ours():
                raise AssertionError(f"The three answers for {name} differ.")
            ours_ms = best_ms(ours)
            yield row(f"M1 by store, {name}", ours_ms, "ms", than="DuckDB, rows in memory", alternative=best_ms(duck))
            yield row(
                f"M1 by store, {name}", ours_ms, "ms", than="plain SQL over visits", alternative=best_ms(plain, 2)
            )


def _ours(start: date, end: date) -> Answer:
    found = grouped_counts(Question(start=start, end=end, by="store"), Data()).by_group()
    return {int(store): (one.clients, one.counts["repeat_clients"]) for store, one in found.items()}


def _in_memory(cursor: CursorWrapper) -> duckdb.DuckDBPyConnection:
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


_GROUPED = """
    SELECT store, count(*), count(*) FILTER (WHERE days >= 2) FROM (
        SELECT client, {first} AS store, count(*) AS days FROM {days} WHERE day >= '{start}' AND day < '{end}'
        GROUP BY client) AS c
    GROUP BY store"""


def _duckdb(memory: duckdb.DuckDBPyConnection, start: date, end: date) -> Answer:
    text = _GROUPED.format(first="arg_min(store, day)", days="visit_day", start=start, end=end)
    return {store: (clients, repeats) for store, clients, repeats in memory.execute(text).fetchall()}


def _plain(cursor: CursorWrapper, start: date, end: date) -> Answer:
    visits = "(SELECT client_id AS client, store_id AS store, day FROM visits_visit WHERE voided_at IS NULL) AS v"
    text = _GROUPED.format(first="(array_agg(store ORDER BY day))[1]", days=visits, start=start, end=end)
    cursor.execute(text)
    return {store: (clients, repeats) for store, clients, repeats in cursor.fetchall()}


def _record() -> tuple[float, float]:
    """Milliseconds of one visit recorded, and of keeping the facts current in it: 95th percentiles."""
    user = User.objects.create(email="bench@bench.test", role=User.Role.HQ)
    store, hair = Store.objects.get(code="S001"), ServiceCategory.objects.first()
    answer(Question(start=YEAR[0], end=YEAR[1]))
    # From the most frequent to those who come once.
    step = Client.objects.count() // RECORDED
    clients = list(Client.objects.filter(id__in=[1 + step * number for number in range(RECORDED)]))
    on_facts: list[float] = []

    def timed(*args: Any) -> None:
        on_facts.append(one_ms(partial(refresh.refresh_clients, *args)))

    def record(client: Client, number: int) -> None:
        record_visit(
            acting_user=user,
            store=store,
            client=client,
            day=date(2025, 6, 1) + timedelta(days=number % 90),
            lines=[NewLine(amount=Decimal(100), category=hair), NewLine(amount=Decimal(50), category=hair)],
        )

    record(clients[0], 0)
    with patch.object(receivers, "refresh_clients", timed):
        times = [one_ms(partial(record, client, number)) for number, client in enumerate(clients)]
    return percentile(times, 0.95), percentile(on_facts, 0.95)


def _page(chain: Chain) -> Iterator[Row]:
    user = User.objects.create(email="hq@bench.test", role=User.Role.HQ)
    browser = Browser(headers={"host": f"{chain.schema_name}.localhost"})
    browser.force_login(user)
    # As the web server does.
    gc.collect()
    gc.freeze()
    for name, (start, end) in (("a calendar year", YEAR), ("a year from 15 March", OTHER)):
        for by in BREAKDOWNS:
            address = f"/repurchase/?from={start}&to={end}&by={by}"
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                if browser.get(address).status_code != 200:
                    raise AssertionError(f"{address} is no page.")
            asked = len(queries)
            times = [one_ms(partial(browser.get, address)) for _ in range(20)]
            # A request leaves its chain at its end.
            with tenant_context(chain):
                alone = best_ms(partial(answer, Question(start=start, end=end, by=by)))
            yield row(
                f"Repurchase page by {by}, {name}, 95th percentile ({asked} queries)",
                percentile(times, 0.95),
                "ms",
                than="the answer alone",
                alternative=alone,
            )
