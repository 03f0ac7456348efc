"""Which stores a change can be told of like for like: open, in one place and with data throughout both periods."""

from core.reporting.compare.periods import FIRST_DAYS, ComparedPeriods
from core.reporting.data import Data
from core.reporting.question import Question
from core.stores.models import Store, StoreLocation


def same_stores(question: Question, periods: ComparedPeriods, data: Data) -> frozenset[int] | None:
    """Their ids, of those that are seen; None where all that have data are among them."""
    start, end = periods.before.start, periods.current.end
    known = data.completeness
    moved = set(
        StoreLocation.objects.filter(valid_from__gt=start, valid_from__lt=end).values_list("store_id", flat=True)
    )
    if question.asks_for_groups:
        moved |= data.store_groups.changed_within(start, end)
    stores = Store.objects.filter(code__in=known.first)
    if question.visible is not None:
        stores = stores.filter(pk__in=question.visible)
    all_of_them = {store.pk: store for store in stores}
    same = {
        pk
        for pk, store in all_of_them.items()
        if pk not in moved
        and known.first[store.code] <= start + FIRST_DAYS
        and known.through[store.code] >= periods.current.last_day
        and (store.closed_on is None or store.closed_on >= end)
    }
    return frozenset(same) if len(same) < len(all_of_them) else None
