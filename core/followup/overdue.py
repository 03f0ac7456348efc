"""How many clients are overdue at each of many stores, for the list of stores: counted in arrays, kept for an hour."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice

import numpy as np
from django.core.cache import cache
from django.db.backends.utils import CursorWrapper

from core.followup.absence import lateness, pace_of_chain
from core.followup.intervals import Pace
from core.reporting.completeness import completeness
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.recent_days import recent_days_of_stores
from core.shared.replica import report_cursor
from core.stores.models import Store

KEPT_SECONDS = 3600
# Stores whose clients are held in memory at a time.
CHUNK = 25


def overdue_counts(stores: Sequence[Store], *, today: Mapping[int, date]) -> dict[int, int]:
    """By store id; `today` is that of each store. Without stores that have no data, and without all as long as no facts
    tell of recent days."""
    reach = completeness().through
    through = {store.pk: min(reach[store.code], today[store.pk]) for store in stores if store.code in reach}
    keys = {store: f"overdue:{store}:{day.isoformat()}" for store, day in through.items()}
    kept = cache.get_many(keys.values())
    counts = {store: int(kept[key]) for store, key in keys.items() if key in kept}
    missing = {store: day for store, day in through.items() if store not in counts}
    if missing:
        counted = _counted(missing)
        cache.set_many({keys[store]: count for store, count in counted.items()}, KEPT_SECONDS)
        counts |= counted
    return counts


def _counted(through: Mapping[int, date]) -> dict[int, int]:
    counts: dict[int, int] = {}
    waiting = iter(through.items())
    with report_cursor() as cursor:
        pace = pace_of_chain(cursor)
        while chunk := dict(islice(waiting, CHUNK)):
            counts |= _of_chunk(cursor, chunk, pace)
    return counts


def _of_chunk(cursor: CursorWrapper, through: Mapping[int, date], pace: Pace | None) -> dict[int, int]:
    days = recent_days_of_stores(cursor, through)
    if days is None:
        return {}
    stores = np.array(sorted(through))
    until = np.array([(through[store] - EPOCH).days for store in stores.tolist()])
    late = lateness(days, pace)
    own = np.searchsorted(stores, days["store_id"][late.first])
    is_overdue = (late.interval > 0) & (until[own] - late.last_day - late.interval > 0)
    counts = np.bincount(own[is_overdue], minlength=len(stores))
    return dict(zip(stores.tolist(), counts.tolist(), strict=True))
