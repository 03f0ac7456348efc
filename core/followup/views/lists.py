"""A store's list of clients who have not come back, its contacts, and the choice of a store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.followup.absence import Absence, absence_of
from core.followup.declaration import FOLLOW_UP
from core.followup.forms import STATE_TITLES, FilterForm
from core.followup.gates import of_store
from core.followup.outcomes import LOOKED_AT, WITHIN, contacts_of_store, outcomes_by_store
from core.followup.overdue import overdue_counts
from core.followup.rows import listed_clients, may_see_phones, staff_of
from core.followup.worklist import STATES, Entry, State, entries, filtered, in_state
from core.reporting.completeness import STALE_AFTER
from core.reporting.spend_thresholds import spend_thresholds
from core.shared import figures
from core.shared.chain import chain_today, current_chain
from core.shared.lists import page_of
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store
from core.visits.services.visits import local_today

PAGE, STORES, CONTACTS = 25, 100, 50
STORE_COLUMNS = {"name": ("name",), "code": ("code",)}
CONTACT_COLUMNS = {"day": ("day",), "client": ("client__name",), "back": ("came_back",)}
FILTERS = ("segment", "staff", "overdue", "sort", "state", "page")


@dataclass(frozen=True)
class Asked:
    """What a request asks of a store's list."""

    today: date
    absence: Absence
    form: FilterForm
    # All that the filters leave, by state.
    chosen: list[Entry]
    state: State

    @property
    def shown(self) -> list[Entry]:
        return in_state(self.chosen, self.state)


@dataclass(frozen=True)
class Tab:
    url: str
    title: str
    current: bool


def asked(request: HttpRequest, store: Store) -> Asked:
    today = local_today(store)
    absence = absence_of(store, today=today)
    listed = entries(absence.clients, today=today)
    form = FilterForm(request.GET, staff_of(listed))
    filters, state = form.filters()
    return Asked(today, absence, form, filtered(listed, filters), state)


def list_query(request: HttpRequest, **changed: str) -> str:
    """The list's filters and page, as they stand in the address of the list and of all that leads back to it."""
    kept = {name: request.GET.get(name, "")[:40] for name in FILTERS} | changed
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"?{query}" if query else ""


@needs(FOLLOW_UP)
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The only store's list, or the stores to choose from."""
    stores = visible_stores(signed_in(request))
    few = list(stores[:2])
    if len(few) == 1:
        return redirect("followup:store", few[0].code)
    page, overdue = _page_of_stores(request, stores)
    outcomes = outcomes_by_store([store.pk for store in page], today=chain_today())
    context = {
        "pages": page,
        "rows": [(store, overdue.get(store.pk), outcomes.get(store.pk)) for store in page],
        "looked_at": LOOKED_AT,
        "within": WITHIN,
    }
    return render(request, "followup/stores.html", context)


def _page_of_stores(request: HttpRequest, stores: QuerySet[Store]) -> tuple[Page[Store], dict[int, int]]:
    """With how many clients are overdue at each; by these numbers where the address sorts by them."""
    if request.GET.get("sort") not in ("overdue", "-overdue"):
        page = page_of(stores, request, STORES, STORE_COLUMNS)
        return page, overdue_counts(list(page), today=_today(page))
    every = list(stores)
    counts = overdue_counts(every, today=_today(every))
    sign = -1 if request.GET["sort"].startswith("-") else 1
    every.sort(key=lambda store: (store.pk not in counts, sign * counts.get(store.pk, 0), store.code))
    return Paginator(every, STORES).get_page(request.GET.get("page")), counts


def _today(stores: Iterable[Store]) -> dict[int, date]:
    return {store.pk: local_today(store) for store in stores}


@of_store
@require_safe
def store_list(request: HttpRequest, store: Store) -> HttpResponse:
    user = signed_in(request)
    wanted = asked(request, store)
    page = Paginator(wanted.shown, PAGE).get_page(request.GET.get("page"))
    through, thresholds = wanted.absence.through, spend_thresholds()
    context: dict[str, Any] = {
        "store": store,
        "several": visible_stores(user)[1:2].exists(),
        "through": through,
        "ends_before_today": through is not None and through < wanted.today,
        "is_stale": through is not None and through < wanted.today - STALE_AFTER,
        "form": wanted.form,
        "tabs": _tabs(request, wanted),
        "state": wanted.state,
        "anyone": bool(wanted.absence.clients),
        "is_filtered": any(request.GET.get(name) for name in ("segment", "staff", "overdue")),
        "pages": page,
        "rows": listed_clients(list(page), user),
        "query": list_query(request),
        "sees_phones": may_see_phones(user),
        "high_above": _amount(thresholds.high_above),
        "mid_from": _amount(thresholds.mid_from),
        "sees_figures": user.may(SEE_STORE_FIGURES),
    }
    return render(request, "followup/list.html", context)


def _amount(whole: int) -> str:
    return figures.amount(100 * whole, current_chain().currency, 0)


def _tabs(request: HttpRequest, wanted: Asked) -> list[Tab]:
    return [
        Tab(
            url=list_query(request, state="" if state == "open" else state, page="") or "?",
            title=f"{STATE_TITLES[state]} {len(in_state(wanted.chosen, state)):,}",
            current=state == wanted.state,
        )
        for state in STATES
    ]


@of_store
@require_safe
def history(request: HttpRequest, store: Store) -> HttpResponse:
    page = page_of(contacts_of_store(store), request, CONTACTS, CONTACT_COLUMNS)
    outcome = outcomes_by_store([store.pk], today=local_today(store)).get(store.pk)
    context = {
        "store": store,
        "pages": page,
        "contacts": list(page),
        "outcome": outcome,
        "looked_at": LOOKED_AT,
        "within": WITHIN,
    }
    return render(request, "followup/history.html", context)
