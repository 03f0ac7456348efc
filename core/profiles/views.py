"""Finding a client, the client's record, and correcting it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.followup.outcomes import contacts_seen_by
from core.membership.selectors import current_tier
from core.profiles.declaration import EDIT_CLIENTS, SEE_CLIENTS
from core.profiles.forms import ClientForm
from core.profiles.holdings import MOST_SHOWN, appointments_seen_by, balances_seen_by
from core.profiles.selectors import (
    MOST_FOUND,
    client_facts,
    clients_seen_by,
    find_clients,
    paid,
    visits_seen_by,
)
from core.profiles.services.editing import change_client, delete_client
from core.shared.chain import chain_today, current_chain
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.shared.merged import is_named

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
            "balances": balances_seen_by(user, record, chain_today()),
            "appointments": appointments_seen_by(user, record),
            "contacts": list(contacts_seen_by(user, record)[:MOST_SHOWN]),
            "most": MOST_SHOWN,
            "visits": [(visit, paid(visit)) for visit in page],
            "currency": current_chain().currency,
        },
    )


@needs(EDIT_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def editing(request: HttpRequest, client_id: int) -> HttpResponse:
    user = signed_in(request)
    record = get_object_or_404(clients_seen_by(user), pk=client_id)
    called = str(record)
    form = ClientForm(record, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_client(client_id=client_id, values=form.cleaned_data, acting_user=user)
        except AppError as error:
            if error.field not in form.fields:
                raise
            show_error(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % changed)
            return redirect("clients:detail", client_id)
    context = {"form": form, "client": record, "called": called, "has_records": is_named(record)}
    return render(request, "profiles/editing.html", context, status=400 if form.errors else 200)


@needs(EDIT_CLIENTS)
@require_POST
def deletion(request: HttpRequest, client_id: int) -> HttpResponse:
    user = signed_in(request)
    record = get_object_or_404(clients_seen_by(user), pk=client_id)
    delete_client(client_id=client_id, acting_user=user)
    messages.success(request, _("“%s” is deleted.") % record)
    return redirect("clients:list")
