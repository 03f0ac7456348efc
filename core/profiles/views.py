"""Finding a client, and the client's record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.membership.selectors import current_tier
from core.profiles.declaration import SEE_CLIENTS
from core.profiles.holdings import MOST_SHOWN, appointments_seen_by, balances_seen_by
from core.profiles.selectors import (
    MOST_FOUND,
    client_facts,
    clients_seen_by,
    find_clients,
    paid,
    visits_seen_by,
)
from core.shared.chain import current_chain
from core.shared.lists import page_of

VISITS = 25
# What the visits sort by, and the fields that stand for it.
COLUMNS = {"date": ("day", "start_time"), "store": ("store__name",)}
MAXIMUM_QUERY = 100


@needs(SEE_CLIENTS)
@require_safe
def client_list(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:MAXIMUM_QUERY]
    found = find_clients(clients_seen_by(signed_in(request)), text)
    context = {"q": text, "clients": found, "more": len(found) == MOST_FOUND, "most": MOST_FOUND}
    return render(request, "profiles/list.html", context)


@needs(SEE_CLIENTS)
@require_safe
def client(request: HttpRequest, client_id: int) -> HttpResponse:
    user = signed_in(request)
    record = get_object_or_404(clients_seen_by(user).select_related("store", "ref_store", "referrer"), pk=client_id)
    page = page_of(visits_seen_by(user, record), request, VISITS, COLUMNS)
    return render(
        request,
        "profiles/detail.html",
        {
            "client": record,
            "facts": client_facts(record),
            "tier": current_tier(record),
            "pages": page,
            "balances": balances_seen_by(user, record, timezone.localdate()),
            "appointments": appointments_seen_by(user, record),
            "most": MOST_SHOWN,
            "visits": [(visit, paid(visit)) for visit in page],
            "currency": current_chain().currency,
        },
    )
