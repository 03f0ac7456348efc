"""Brings stores in, each with its place."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.imports.services.context import Counts, Stores
from core.imports.services.kinds.records import RecordImport, Staged
from core.imports.services.rows import Chunk
from core.imports.services.values.codes import NAMED_NEAR_MISSES
from core.imports.services.values.dates import DateRules, Dates
from core.imports.services.values.memo import NULL, Problem, escaped, shortened
from core.imports.services.values.texts import few_texts, time_zones
from core.shared.entitlements import require_room
from core.shared.wording import in_a_row
from core.stores.cities import Cities
from core.stores.models import BEGINNING, Store
from core.stores.signals import store_relocated


class StoreImport(RecordImport):
    """A file states where stores stand now; with a `valid_from`, since when. A store whose place is said to be another
    without a date was entered wrongly: its place is corrected."""

    model = Store
    key, key_column = "store_code", "code"

    def fields(self) -> Mapping[str, Staged]:
        context = self.context
        self._cities = Cities()
        # Cities that are not known, so far.
        self._unknown_cities = 0
        rules = DateRules(
            context.options.date_format, Stores.load().latest_day, accept_iso=context.source.has_real_dates
        )
        return {
            "store_code": Staged(few_texts(64), column="code"),
            "name": Staged(few_texts(200), column="name"),
            "city": Staged(few_texts(100)),
            "city_tier": Staged(few_texts(50)),
            "region": Staged(few_texts(100)),
            "opened_on": Staged(Dates(rules), "date", "opened_on"),
            "time_zone": Staged(time_zones(), column="time_zone"),
            "valid_from": Staged(Dates(rules), "date"),
        }

    def extra_columns(self) -> Mapping[str, str]:
        return {"known_city": "text", "known_tier": "text", "known_region": "text"}

    def complete(self, chunk: Chunk, values: dict[str, list[str]]) -> None:
        """What the row says of the city's tier and region, else what is known of the city."""
        tiers = chunk.cells.get("city_tier", [""] * len(chunk))
        regions = chunk.cells.get("region", [""] * len(chunk))
        for index, name in enumerate(map(str.strip, chunk.cells["city"])):
            place = self._cities.find(name)
            tier, region = tiers[index].strip(), regions[index].strip()
            if place is None and name and not (tier and region):
                chunk.flag_row(index, "city", self._unknown(name), name)
                continue
            values["known_city"][index] = escaped(place.city if place else name)
            values["known_tier"][index] = escaped(tier or (place.tier if place else "")) or NULL
            values["known_region"][index] = escaped(region or (place.region if place else "")) or NULL

    def _unknown(self, name: str) -> Problem:
        said = [_("The city “%s” is not known: give its city_tier and region as well.") % shortened(name)]
        self._unknown_cities += 1
        if self._unknown_cities <= NAMED_NEAR_MISSES and (near := self._cities.near(name)):
            said.append(_("Nearest known cities: %s.") % ", ".join(near))
        return Problem("unknown_city", in_a_row(said))

    def finish(self) -> Counts:
        # A zone left empty is the chain's.
        self._upsert(match="m.code = i.store_code")
        if self._counts().created:
            require_room("stores", Store.objects.open().count)
        for store in self._place():
            store_relocated.send(Store, store_id=store)
        return self._counts()

    def _place(self) -> list[int]:
        """Stores whose place is another now; new ones get the place they have from the beginning."""
        cursor = self.context.cursor
        place = "coalesce(i.known_city, ''), coalesce(i.known_tier, ''), coalesce(i.known_region, '')"
        cursor.execute(
            f"INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region) "  # noqa: S608
            f"SELECT s.id, %s, {place} FROM import_record i JOIN stores_store s ON s.code = i.store_code "
            "WHERE NOT i.bad AND NOT EXISTS (SELECT FROM stores_storelocation l WHERE l.store_id = s.id)",
            [BEGINNING],
        )
        since = "i.valid_from" if self.context.has("valid_from") else "NULL::date"
        # The place in force on that day (without one: the last), where it differs from the file's.
        cursor.execute(
            f"""CREATE TEMP TABLE import_place ON COMMIT DROP AS
                SELECT s.id AS store_id, now_at.id AS location_id, now_at.valid_from, {since} AS since,
                       coalesce(i.known_city, '') AS city, coalesce(i.known_tier, '') AS city_tier,
                       coalesce(i.known_region, '') AS region
                FROM import_record i JOIN stores_store s ON s.code = i.store_code
                CROSS JOIN LATERAL (
                    SELECT * FROM stores_storelocation l
                    WHERE l.store_id = s.id AND ({since} IS NULL OR l.valid_from <= {since})
                    ORDER BY l.valid_from DESC LIMIT 1) AS now_at
                WHERE NOT i.bad AND ROW(now_at.city, now_at.city_tier, now_at.region) IS DISTINCT FROM ROW({place})"""  # noqa: S608
        )
        cursor.execute(
            "UPDATE stores_storelocation l SET city = p.city, city_tier = p.city_tier, region = p.region "
            "FROM import_place p WHERE l.id = p.location_id AND (p.since IS NULL OR p.since = p.valid_from)"
        )
        cursor.execute(
            "INSERT INTO stores_storelocation (store_id, valid_from, city, city_tier, region) "
            "SELECT store_id, since, city, city_tier, region FROM import_place WHERE since > valid_from"
        )
        cursor.execute("INSERT INTO import_done SELECT DISTINCT store_id, false FROM import_place")
        cursor.execute("SELECT DISTINCT store_id FROM import_place")
        moved = [int(store) for (store,) in cursor.fetchall()]
        cursor.execute("DROP TABLE import_place")
        return moved
