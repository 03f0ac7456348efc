"""Brings stores in, each with its place."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import NAMED_NEAR_MISSES
from core.imports.services.values.memo import NULL, Problem, escaped, shortened
from core.shared.entitlements import require_room
from core.shared.sentences import join_sentences
from core.stores.cities import Cities
from core.stores.models import Store
from core.stores.services.loading import place_stores


class StoreImport(RecordImport):
    """A file states where stores stand now; with a `valid_from`, since when. A store whose place is said to be another
    without a date was entered wrongly: its place is corrected."""

    model = Store
    follows_names = True
    key = "store_code"

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._cities = Cities()
        # Cities that are not known, so far.
        self._unknown_cities = 0

    def extra_columns(self) -> Mapping[str, str]:
        return {"known_city": "text", "known_tier": "text", "known_region": "text"}

    def extra_values(self, chunk: Chunk, _values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """What the row says of the city's tier and region, else what is known of the city."""
        values = {name: [NULL] * len(chunk) for name in self.extra_columns()}
        tiers = chunk.cells.get("city_tier", [""] * len(chunk))
        regions = chunk.cells.get("region", [""] * len(chunk))
        for index, name in enumerate(map(str.strip, chunk.cells["city"])):
            place = self._cities.place(name, tiers[index].strip(), regions[index].strip())
            if place is not None:
                values["known_city"][index] = escaped(place.city)
                values["known_tier"][index] = escaped(place.city_tier)
                values["known_region"][index] = escaped(place.region)
            elif name:
                chunk.flag_row(index, "city", self._unknown(name), name)
        return values

    def _unknown(self, name: str) -> Problem:
        sentences = [_("The city “%s” is not known: give its city_tier and region as well.") % shortened(name)]
        self._unknown_cities += 1
        if self._unknown_cities <= NAMED_NEAR_MISSES and (near := self._cities.near(name)):
            sentences.append(_("Nearest known cities: %s.") % ", ".join(near))
        return Problem("unknown_city", join_sentences(sentences))

    def known(self) -> dict[str, str]:
        """Every store has its place."""
        return {**super().known(), **dict.fromkeys(self.extra_columns(), "true")}

    def write(self) -> None:
        self.upsert()
        if self._counts().created:
            require_room("stores", Store.objects.open().count)
        place_stores(self.staging, since="i.valid_from" if self.context.has("valid_from") else "NULL::date")
