"""The chain's stores: where they stand and how far their data reaches."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.reporting.completeness import completeness
from core.reporting.render.charts.theme import tier_token
from core.shared.lists import page_of
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store
from core.stores.selectors import NOWHERE, Place, city_tiers, places_on
from core.stores.tiers import tier_label

ROWS = 100
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"name": ("name",), "code": ("code",), "status": ("closed_on", "code")}


@dataclass(frozen=True)
class StoreRow:
    store: Store
    place: Place
    tier: str
    token: str
    through: date | None
    stale: bool
    closed: bool

    @property
    def closes(self) -> bool:
        """Closed already, or on a day to come."""
        return self.store.closed_on is not None


@needs(SEE_STORE_FIGURES)
@require_safe
def store_list(request: HttpRequest) -> HttpResponse:
    tomorrow = timezone.localdate() + timedelta(days=1)
    user = signed_in(request)
    page = page_of(visible_stores(user), request, ROWS, COLUMNS)
    places, tiers, data = places_on(tomorrow), city_tiers(), completeness()
    stale = set(data.stale_stores)
    rows = [
        _row(store, places.get(store.pk, NOWHERE), tiers, data.through.get(store.code), stale=store.code in stale)
        for store in page
    ]
    return render(request, "reporting/stores.html", {"pages": page, "rows": rows})


def _row(store: Store, place: Place, tiers: list[str], through: date | None, *, stale: bool) -> StoreRow:
    return StoreRow(
        store=store,
        place=place,
        tier=tier_label(place.city_tier),
        token=tier_token(place.city_tier, tiers),
        through=through,
        stale=stale,
        closed=store.closed_on is not None and store.closed_on <= timezone.localdate(),
    )
