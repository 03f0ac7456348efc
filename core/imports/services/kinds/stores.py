"""Brings stores in, each with its place."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.context import Counts, Stores
from core.imports.services.kinds.records import RecordImport, StagedField
from core.imports.services.values.codes import NAMED_NEAR_MISSES
from core.imports.services.values.dates import DateRules, Dates
from core.imports.services.values.memo import NULL, Problem, escaped, shortened
from core.imports.services.values.texts import few_texts, time_zones
from core.shared.entitlements import require_room
from core.shared.sentences import join_sentences
from core.stores.cities import Cities
from core.stores.models import Store
from core.stores.services.loading import load_stores, place_stores


class StoreImport(RecordImport):
    """A file states where stores stand now; with a `valid_from`, since when. A store whose place is said to be another
    without a date was entered wrongly: its place is corrected."""

    key = "store_code"

    def fields(self) -> Mapping[str, StagedField]:
        context = self.context
        self._cities = Cities()
        # Cities that are not known, so far.
        self._unknown_cities = 0
        rules = DateRules(
            context.options.date_format, Stores.load().latest_day, accept_iso=context.source.has_real_dates
        )
        return {
            "store_code": StagedField(few_texts(64), column="code"),
            "name": StagedField(few_texts(200), column="name"),
            "city": StagedField(few_texts(100)),
            "city_tier": StagedField(few_texts(50)),
            "region": StagedField(few_texts(100)),
            "opened_on": StagedField(Dates(rules), "date", "opened_on"),
            "time_zone": StagedField(time_zones(), column="time_zone"),
            "valid_from": StagedField(Dates(rules), "date"),
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
        sentences = [_("The city “%s” is not known: give its city_tier and region as well.") % shortened(name)]
        self._unknown_cities += 1
        if self._unknown_cities <= NAMED_NEAR_MISSES and (near := self._cities.near(name)):
            sentences.append(_("Nearest known cities: %s.") % ", ".join(near))
        return Problem("unknown_city", join_sentences(sentences))

    def finish(self) -> Counts:
        load_stores(self.staging, self.columns())
        if self._counts().created:
            require_room("stores", Store.objects.open().count)
        place_stores(self.staging, since="i.valid_from" if self.context.has("valid_from") else "NULL::date")
        return self._counts()
