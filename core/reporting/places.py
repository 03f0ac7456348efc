"""Where the chain's stores stand and stood, by id of the location."""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from core.reporting.question import NONE_KEY, PLACE_FILTERS, Question


class Location(NamedTuple):
    """A store's id and code, and the place it is at."""

    store_id: int
    store: str
    city: str
    city_tier: str
    region: str


# Filters on what a location itself is.
_OF_LOCATION = tuple(name for name in PLACE_FILTERS if name in Location._fields)


class Places:
    """Read when first needed, and again where facts name one that is newer. Arrays have a place for each id; 0 is
    nowhere."""

    def cover(self, location_ids: NDArray[np.integer]) -> None:
        """So that the arrays have a place for each of these."""
        if int(location_ids.max(initial=0)) > max(self.by_id, default=0):
            for name in ("by_id", "store", "tier"):
                vars(self).pop(name, None)

    @cached_property
    def by_id(self) -> dict[int, Location]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.id, l.store_id, s.code, l.city, l.city_tier, l.region "
                "FROM stores_storelocation l JOIN stores_store s ON s.id = l.store_id"
            )
            return {row[0]: Location(*row[1:]) for row in cursor.fetchall()}

    @cached_property
    def store(self) -> NDArray[np.int64]:
        return self._array(lambda place: place.store_id)

    @cached_property
    def tier(self) -> NDArray[np.int64]:
        """A number for each city tier; 0 where a store has none."""
        tiers = sorted({place.city_tier for place in self.by_id.values()} - {""})
        numbers = {"": 0, **{tier: number for number, tier in enumerate(tiers, 1)}}
        return self._array(lambda place: numbers[place.city_tier])

    def values(self, name: str) -> set[str]:
        """What may be asked for of an attribute."""
        return {getattr(place, name) or NONE_KEY for place in self.by_id.values()}

    def inside(self, question: Question) -> NDArray[np.bool_]:
        """Which are the places asked for, whatever groups their stores are in."""
        if not question.is_placed:
            return np.ones(max(self.by_id, default=0) + 1, np.bool_)
        return self._array(lambda place: int(_is_inside(place, question))).astype(np.bool_)

    def of_stores(self, codes: Collection[str]) -> NDArray[np.bool_]:
        return self._array(lambda place: int(place.store in codes)).astype(np.bool_)

    def numbered(self, attribute: Callable[[Location], str]) -> tuple[list[str], NDArray[np.int64]]:
        """The different values of an attribute, and for each id which of them it has."""
        values = sorted({attribute(place) for place in self.by_id.values()})
        numbers = {value: number for number, value in enumerate(values)}
        return values, self._array(lambda place: numbers[attribute(place)])

    def _array(self, value: Callable[[Location], int]) -> NDArray[np.int64]:
        array = np.zeros(max(self.by_id, default=0) + 1, np.int64)
        array[list(self.by_id)] = list(map(value, self.by_id.values()))
        return array


def _is_inside(place: Location, question: Question) -> bool:
    if question.visible is not None and place.store_id not in question.visible:
        return False
    return all(getattr(question, name) in (None, getattr(place, name) or NONE_KEY) for name in _OF_LOCATION)
