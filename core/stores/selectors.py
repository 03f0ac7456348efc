"""Which stores there are, and where they stand."""

from datetime import date
from typing import NamedTuple, cast

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet

from core.stores.cities import Place
from core.stores.models import Store, StoreGroup, StoreGroupMember, StoreLocation
from core.stores.tiers import tier_rank

TIERS_SECONDS = 60


NOWHERE = Place("", "", "")


def only_store() -> Store | None:
    """The one store of a chain that has one."""
    stores = Store.objects.order_by("pk")[:2]
    return stores[0] if len(stores) == 1 else None


def codes_and_names() -> list[tuple[str, str]]:
    """Of all stores, those that were merged into others too."""
    return list(Store.known.values_list("code", "name"))


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


class Membership(NamedTuple):
    """Of a store (its id) in a group (its name), on the days of [valid_from, valid_until)."""

    store_id: int
    group: str
    valid_from: date
    valid_until: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def group_memberships() -> list[Membership]:
    """Of all stores, in one order."""
    names = ("store_id", "group__name", "valid_from", "valid_until")
    present = StoreGroupMember.objects.filter(store__merged_into=None)
    rows = present.order_by("store_id", "valid_from", "group__name").values_list(*names)
    return [Membership(*row) for row in rows]


def has_groups() -> bool:
    return StoreGroup.objects.exists()


def group_names() -> list[str]:
    return list(StoreGroup.objects.order_by("name").values_list("name", flat=True))


def groups_on(day: date) -> QuerySet[StoreGroup]:
    """All groups by name, with how many `stores` are in them on a day."""
    holds = Q(members__valid_from__lte=day) & (Q(members__valid_until=None) | Q(members__valid_until__gt=day))
    present = Q(members__store__merged_into=None)
    return StoreGroup.objects.annotate(stores=Count("members", filter=holds & present)).order_by("name")
