"""Marking a client as contacted, and the client's contacts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.clients.models import Client
from core.followup.absence import absence_of
from core.followup.declaration import FOLLOW_UP
from core.followup.forms import ContactForm
from core.followup.gates import client_and_store, contact_seen_by
from core.followup.models import Contact
from core.followup.outcomes import changeable, contacts_seen_by
from core.followup.rows import call_number, listed_clients, may_see_phones, phone_of
from core.followup.services.contacts import correct_contact, lift_block, record_contact, remove_contact
from core.followup.views.lists import list_query
from core.followup.worklist import entries
from core.shared.chain import current_chain
from core.shared.errors import AppError, show_error
from core.stores.models import Store
from core.visits.services.visits import local_today


@needs(FOLLOW_UP)
@require_safe
def client(request: HttpRequest, client_id: int) -> HttpResponse:
    found, store = client_and_store(signed_in(request), client_id)
    return _client_page(request, found, store, ContactForm(today=local_today(store)))


def _client_page(
    request: HttpRequest, found: Client, store: Store, form: ContactForm, status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    today = local_today(store)
    absence = absence_of(store, today=today)
    own = [one for one in absence.clients if one.client_id == found.pk]
    rows = listed_clients(entries(own, today=today), user)
    contacts = list(contacts_seen_by(user, found))
    phone = phone_of(found) if may_see_phones(user) else ""
    context: dict[str, Any] = {
        "client": found,
        "store": store,
        "row": rows[0] if rows else None,
        "through": absence.through,
        "ends_before_today": absence.through is not None and absence.through < today,
        "phone": phone,
        "call": call_number(phone),
        "sees_phones": may_see_phones(user),
        "contacts": contacts,
        "changeable": changeable(user, contacts),
        "refusal": next((contact for contact in contacts if contact.blocks), None),
        "form": form,
        "query": list_query(request),
        "currency": current_chain().currency,
    }
    return render(request, "followup/client.html", context, status=status)


@needs(FOLLOW_UP)
@require_POST
def contacts(request: HttpRequest, client_id: int) -> HttpResponse:
    """From the list with a button alone, from the client's page with a form."""
    user = signed_in(request)
    found, store = client_and_store(user, client_id)
    form = ContactForm(request.POST, today=local_today(store))
    if not form.is_valid():
        return _client_page(request, found, store, form, status=400)
    values = form.cleaned_data
    try:
        contact = record_contact(client_id=client_id, store=store, acting_user=user, **values)
    except AppError as error:
        if getattr(request, "htmx", False):
            raise
        show_error(form, error)
        return _client_page(request, found, store, form, status=error.status)
    if getattr(request, "htmx", False):
        return _mark(request, contact.client_id, contact)
    messages.success(request, _("Recorded for %(client)s: %(kind)s.") % _words(found, contact))
    return redirect(_back(request, store))


@needs(FOLLOW_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Correcting an entry."""
    user = signed_in(request)
    found = contact_seen_by(user, contact_id)
    form = ContactForm(request.POST or None, instance=found, today=local_today(found.store))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                correct_contact(contact_id=contact_id, acting_user=user, **form.cleaned_data)
            except AppError as error:
                show_error(form, error)
                status = error.status
            else:
                messages.success(request, _("The entry is saved."))
                return redirect(_client_url(request, found.client_id))
    # As it is recorded, not as it was typed.
    found.refresh_from_db()
    context = {"contact": found, "form": form, "query": list_query(request)}
    return render(request, "followup/contact.html", context, status=status)


@needs(FOLLOW_UP)
@require_POST
def removal(request: HttpRequest, contact_id: int) -> HttpResponse:
    user = signed_in(request)
    found = contact_seen_by(user, contact_id)
    remove_contact(contact_id=contact_id, acting_user=user)
    if getattr(request, "htmx", False):
        return _mark(request, found.client_id, None)
    messages.success(request, _("Removed for %(client)s: %(kind)s.") % _words(found.client, found))
    return redirect(_client_url(request, found.client_id))


@needs(FOLLOW_UP)
@require_POST
def lifting(request: HttpRequest, contact_id: int) -> HttpResponse:
    user = signed_in(request)
    found = contact_seen_by(user, contact_id)
    lift_block(contact_id=contact_id, acting_user=user)
    messages.success(request, _("“%s” may be contacted again.") % found.client)
    return redirect(_client_url(request, found.client_id))


def _mark(request: HttpRequest, client_id: int, made: Contact | None) -> HttpResponse:
    """The part of the list's row that says what has been done."""
    context = {"client_id": client_id, "contact": made, "is_new": made is not None, "query": list_query(request)}
    return render(request, "followup/partials/mark.html", context)


def _words(found: Client, made: Contact) -> dict[str, str]:
    return {"client": str(found), "kind": str(made.get_kind_display())}


def _client_url(request: HttpRequest, client_id: int) -> str:
    return reverse("followup:client", args=[client_id]) + list_query(request)


def _back(request: HttpRequest, store: Store) -> str:
    """To the list as it was."""
    return reverse("followup:store", args=[store.code]) + list_query(request)
