"""Which stores there are, and where they stand."""

from datetime import date
from typing import cast

from django.core.cache import cache

from core.stores.cities import Place
from core.stores.models import Store, StoreLocation
from core.stores.tiers import tier_rank

TIERS_SECONDS = 60


NOWHERE = Place("", "", "")


def only_store() -> Store | None:
    """The one store of a chain that has one."""
    stores = Store.objects.order_by("pk")[:2]
    return stores[0] if len(stores) == 1 else None


def has_several_stores() -> bool:
    return Store.objects.order_by("pk")[1:2].exists()


def places_on(day: date) -> dict[int, Place]:
    """Where each store stands on a day, by store id."""
    rows = (
        StoreLocation.objects.filter(valid_from__lte=day)
        .order_by("store_id", "-valid_from")
        .distinct("store_id")
        .values_list("store_id", "city", "city_tier", "region")
    )
    return {store: Place(city, tier, region) for store, city, tier, region in rows}


def regions() -> list[str]:
    """The regions the chain's stores stand or stood in."""
    return sorted(set(StoreLocation.objects.exclude(region="").values_list("region", flat=True)))


def city_tiers() -> list[str]:
    """The city tiers the chain's stores stand or stood in, from the first down; kept for a minute."""
    tiers = cast("list[str] | None", cache.get("city-tiers"))
    if tiers is None:
        found = StoreLocation.objects.exclude(city_tier="").values_list("city_tier", flat=True).distinct()
        tiers = sorted(found, key=tier_rank)
        cache.set("city-tiers", tiers, TIERS_SECONDS)
    return tiers
