"""A chain of so many stores, clients and visit days, with four staff a store, five member tiers and four categories.

The visit days are drawn by the database with a fixed seed over three years; clients come with a skewed frequency, and
nine times of ten to the own store.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django_tenants.utils import tenant_context

from core.reporting.facts import period_cache, refresh
from core.shared.chain import without_statement_timeout
from tenants.models import Chain
from tenants.provisioning import create_chain

_FILL = [
    """INSERT INTO stores_store (code, name, time_zone)
       SELECT 'S' || lpad(i::text, 3, '0'), 'Store ' || i, '' FROM generate_series(1, {stores}) i""",
    """INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region)
       SELECT i, '0001-01-01', 'City ' || i % 40, (ARRAY['一线', '新一线', '二线', '三线'])[1 + i % 4],
              'Region ' || i % 7
       FROM generate_series(1, {stores}) i""",
    "INSERT INTO catalogue_servicecategory (name) SELECT 'Category ' || i FROM generate_series(1, 4) i",
    """INSERT INTO staff_staffmember (code, name, store_id, role, phone, email)
       SELECT 'E' || i, 'Staff ' || i, 1 + (i - 1) % {stores}, '', '', '' FROM generate_series(1, 4 * {stores}) i""",
    """INSERT INTO clients_client
           (ref, ref_key, name, gender, phone, backup_phone, wechat, email, occupation, education)
       SELECT 'C' || i, 'C' || i, '', '', '', '', '', '', '', '' FROM generate_series(1, {clients}) i""",
    """INSERT INTO membership_membertier (code, name, rank)
       SELECT 'T' || i, 'Tier ' || i, i FROM generate_series(1, 5) i""",
    # One client in three holds a tier, every second of them another one later.
    """INSERT INTO membership_clienttier (client_id, tier_id, valid_from)
       SELECT i, 1 + i % 5, date '2022-06-01' FROM generate_series(1, {clients}, 3) i
       UNION ALL SELECT i, 1 + (i + 1) % 5, date '2024-06-01' FROM generate_series(1, {clients}, 6) i""",
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
       SELECT id, 'service', 1 + (id * 7919) % 4, store_id + {stores} * (id * 31 % 4), 1, 100, false
       FROM visits_visit""",
]
_TABLES = (
    "visits_visit",
    "visits_visitline",
    "reporting_factblock",
    "reporting_clientfacts",
    "reporting_storeday",
    "clients_client",
    "membership_clienttier",
)


@contextmanager
def filled_chain(schema: str, stores: int, clients: int, days: int) -> Iterator[Chain]:
    """Stands in the chain for the block."""
    create_chain(schema=schema, name=schema)
    chain = Chain.objects.get(schema_name=schema)
    with tenant_context(chain), without_statement_timeout(), connection.cursor() as cursor:
        for statement in _FILL:
            sys.stderr.write(f"{schema}: {' '.join(statement.split())[:70]}\n")
            cursor.execute(statement.format(stores=stores, clients=clients, days=days))
        with transaction.atomic():
            refresh.refresh_all()
        _tidy()
        # As the schedule does every five minutes.
        period_cache.fold()
        yield chain


def _tidy() -> None:
    """What autovacuum does soon after an import, waited for."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
