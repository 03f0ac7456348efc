"""Stores and their places, as files bring them."""

from django.db.backends.utils import CursorWrapper

from core.shared.bulk_writes import Staging
from core.shared.journal import note_before, noted_insert
from core.stores.models import BEGINNING, Store, StoreLocation
from core.stores.signals import store_relocated


def hold_stores(cursor: CursorWrapper) -> bool:
    """Until the transaction ends no store is closed or opened; whether any is closed already."""
    cursor.execute("SELECT closed_on FROM stores_store ORDER BY id FOR KEY SHARE")
    return any(closed_on for (closed_on,) in cursor.fetchall())


def place_stores(staging: Staging, *, since: str) -> None:
    """New stores get the place of their row (`known_city`, `known_tier`, `known_region`) from the beginning. Others
    whose place is another now get it from the day of the expression `since`; where that is none, or the day their last
    place holds from, that one is corrected. A row without a place says nothing of it."""
    cursor = staging.cursor
    place = "coalesce(i.known_city, ''), coalesce(i.known_tier, ''), coalesce(i.known_region, '')"
    first = (
        f"INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region) "  # noqa: S608
        f"SELECT s.id, %s, {place} FROM {staging.rows} i JOIN stores_store s ON s.code = i.store_code "
        "WHERE NOT i.bad AND i.known_city IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM stores_storelocation l WHERE l.store_id = s.id)"
    )
    cursor.execute(noted_insert(StoreLocation, first), [BEGINNING])
    # The place in force on that day (without one: the last), where it differs from the file's.
    cursor.execute(
        f"""CREATE TEMP TABLE import_place ON COMMIT DROP AS
            SELECT s.id AS store_id, now_at.id AS location_id, now_at.valid_from, {since} AS since,
                   coalesce(i.known_city, '') AS city, coalesce(i.known_tier, '') AS city_tier,
                   coalesce(i.known_region, '') AS region
            FROM {staging.rows} i JOIN stores_store s ON s.code = i.store_code
            CROSS JOIN LATERAL (
                SELECT * FROM stores_storelocation l
                WHERE l.store_id = s.id AND ({since} IS NULL OR l.valid_from <= {since})
                ORDER BY l.valid_from DESC LIMIT 1) AS now_at
            WHERE NOT i.bad AND i.known_city IS NOT NULL
            AND ROW(now_at.city, now_at.city_tier, now_at.region) IS DISTINCT FROM ROW({place})"""  # noqa: S608
    )
    corrected = "FROM import_place p WHERE p.location_id = m.id AND (p.since IS NULL OR p.since = p.valid_from)"
    note_before(cursor, StoreLocation, f"EXISTS (SELECT {corrected})")
    cursor.execute(
        f"UPDATE stores_storelocation m SET city = p.city, city_tier = p.city_tier, region = p.region {corrected}"  # noqa: S608
    )
    another = (
        "INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region) "
        "SELECT store_id, since, city, city_tier, region FROM import_place WHERE since > valid_from"
    )
    cursor.execute(noted_insert(StoreLocation, another))
    cursor.execute(f"INSERT INTO {staging.done} SELECT DISTINCT store_id, false FROM import_place")  # noqa: S608
    _announce(cursor)


def _announce(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT DISTINCT store_id FROM import_place")
    moved = [int(store) for (store,) in cursor.fetchall()]
    cursor.execute("DROP TABLE import_place")
    for store in moved:
        store_relocated.send(Store, store_id=store)
