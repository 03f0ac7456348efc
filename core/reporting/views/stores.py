"""The chain's stores: where they stand and how far their data reaches."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.reporting.completeness import Completeness, completeness
from core.reporting.render.charts.theme import tier_token
from core.shared.chain import chain_today
from core.shared.lists import page_of
from core.stores.access import visible_stores
from core.stores.cities import Place
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store
from core.stores.selectors import NOWHERE, city_tiers, places_on
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
    is_stale: bool
    is_closed: bool


@needs(SEE_STORE_FIGURES)
@require_safe
def store_list(request: HttpRequest) -> HttpResponse:
    page = page_of(visible_stores(signed_in(request)), request, ROWS, COLUMNS)
    places, tiers, data = places_on(chain_today() + timedelta(days=1)), city_tiers(), completeness()
    rows = [_row(store, places.get(store.pk, NOWHERE), tiers, data) for store in page]
    return render(request, "reporting/stores.html", {"pages": page, "rows": rows})


def _row(store: Store, place: Place, tiers: list[str], data: Completeness) -> StoreRow:
    return StoreRow(
        store=store,
        place=place,
        tier=tier_label(place.city_tier),
        token=tier_token(place.city_tier, tiers),
        through=data.through.get(store.code),
        is_stale=store.code in data.stale_stores,
        is_closed=store.closed_on is not None and store.closed_on <= chain_today(),
    )
