from datetime import date

from django.db import transaction

from core.reporting.services.facts import refresh_store
from core.stores.models import BEGINNING, Store, StoreLocation


def open_store(*, code: str, name: str, city: str, city_tier: str, region: str, opened_on: date | None = None) -> Store:
    """A new store with its place, which holds from the beginning."""
    with transaction.atomic():
        store = Store.objects.create(code=code, name=name, opened_on=opened_on)
        StoreLocation.objects.create(store=store, valid_from=BEGINNING, city=city, city_tier=city_tier, region=region)
    return store


def relocate_store(*, store: Store, valid_from: date, city: str, city_tier: str, region: str) -> StoreLocation:
    """The store stands there (or its city counts so) from that day on; earlier days keep the earlier place."""
    with transaction.atomic():
        location, _made = StoreLocation.objects.update_or_create(
            store=store, valid_from=valid_from, defaults={"city": city, "city_tier": city_tier, "region": region}
        )
        refresh_store(store.pk)
    return location
