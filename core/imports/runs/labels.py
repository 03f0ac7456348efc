"""What kinds and steps are called on the page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.imports.models import Kind

KIND_HINTS: dict[str, Promise] = {
    Kind.STORES: _("code, name and city; tier and region come from the built-in list of cities"),
    Kind.STAFF: _("code, name and store"),
    Kind.SERVICES: _("code, name and category"),
    Kind.CLIENTS: _("client number; name, phone, member tier and more where known"),
    Kind.VISITS: _("one row a line of the receipt: client number, date, amount, and store"),
}
PHASES: dict[str, Promise] = {
    "waiting": _("Waiting for another import of the chain to end"),
    "looking": _("Looking at the file"),
    "reading": _("Reading"),
    "gathering": _("Gathering rows to visits"),
    "loading": _("Comparing with what is known"),
    "facts": _("Bringing the repurchase figures up to date"),
    "done": _("Finishing"),
}
