"""The list as a file: all that its filters leave, not the page alone."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.models import User
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.followup.declaration import Kind
from core.followup.forms import SEGMENT_TITLES, STATE_TITLES
from core.followup.gates import of_store
from core.followup.rows import ListedClient, listed_clients, may_see_phones
from core.followup.views.lists import Asked, asked
from core.reporting.render.files import csv_of, xlsx_of
from core.shared.chain import current_chain
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cells = list[Any]


# Whoever works from the list on a phone or a till takes no copy of it away.
@needs(SEE_STORE_FIGURES)
@of_store
@require_safe
def csv_file(request: HttpRequest, store: Store) -> HttpResponse:
    wanted = asked(request, store)
    return _file(request, store, wanted, csv_of(_table(wanted, signed_in(request))), "csv")


@needs(SEE_STORE_FIGURES)
@of_store
@require_safe
def xlsx_file(request: HttpRequest, store: Store) -> HttpResponse:
    wanted = asked(request, store)
    return _file(request, store, wanted, xlsx_of(_("Follow-up list"), _table(wanted, signed_in(request))), "xlsx")


def _table(wanted: Asked, user: User) -> Iterator[Cells]:
    """Headings, then a row for each client."""
    sees_phones = may_see_phones(user)
    yield [
        _("Client number"), _("Name"), *([_("Phone")] if sees_phones else []), _("Last visit"),
        _("Usual interval (days)"), _("Days overdue"), _("Last service"), _("Usual staff"), _("Segment"),
        _("Net spend, last 365 days (%s)") % current_chain().currency, _("Status"), _("Booked for"), _("Contacted on"),
        _("Contact"), _("Note"),
    ]  # fmt: skip
    for row in listed_clients(wanted.shown, user):
        yield _cells(row, sees_phones=sees_phones)


def _cells(row: ListedClient, *, sees_phones: bool) -> Cells:
    absent, contact = row.entry.absent, row.contact
    return [
        row.client.ref, row.client.name, *([row.phone] if sees_phones else []), absent.last_day, absent.usual_days,
        absent.overdue, row.service, row.staff, str(SEGMENT_TITLES[absent.segment]), absent.spent,
        str(STATE_TITLES[row.entry.state]), row.entry.booked, contact and contact.day,
        contact and str(contact.get_kind_display()), contact and contact.note,
    ]  # fmt: skip


def _file(request: HttpRequest, store: Store, wanted: Asked, content: bytes, extension: str) -> HttpResponse:
    """Traced."""
    name = f"{current_chain().schema_name}_follow-up_{wanted.today}.{extension}"
    filters = {name: value for name, value in wanted.form.cleaned_data.items() if value}
    after = {"store": store.code, "clients": len(wanted.shown), **({"filters": filters} if filters else {})}
    record(
        action=Action.EXPORTED,
        acting_user=signed_in(request),
        subject=Subject(Kind.FOLLOW_UP, label=f"{store.name} · {name}"),
        after=after,
    )
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
