"""What fields and steps are called on the page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports.models import Kind

FIELD_LABELS: dict[str, Promise] = {
    "amount": _("Amount paid (net)"),
    "backup_phone": _("Backup phone"),
    "birth_date": _("Birth date"),
    "category": _("Category"),
    "city": _("City"),
    "city_tier": _("City tier"),
    "client_ref": _("Client number"),
    "duration_min": _("Duration in minutes"),
    "education": _("Education"),
    "email": _("E-mail"),
    "gender": _("Gender"),
    "hired_on": _("Hired on"),
    "interval_days": _("Days until the next visit is due"),
    "item": _("Item by name"),
    "joined_on": _("Record opened on"),
    "kind": _("Kind of line: service, product or card sale"),
    "member_tier": _("Member tier"),
    "member_tier_from": _("Member tier since"),
    "name": pgettext_lazy("of a person or a thing", "Name"),
    "occupation": _("Occupation"),
    "opened_on": _("Opened on"),
    "paid_by_card": _("Paid from a card"),
    "phone": _("Phone"),
    "price": _("Price"),
    "quantity": _("Quantity"),
    "rating": _("Rating"),
    "referrer_ref": _("Referred by (client number)"),
    "region": _("Region"),
    "role": _("Role"),
    "service_code": _("Service code"),
    "staff_code": _("Staff code"),
    "started_at": _("Date, or date and time"),
    "store_code": _("Store code"),
    "time_zone": _("Time zone"),
    "valid_from": _("City and region hold from"),
    "visit_ref": _("Receipt number"),
    "wechat": _("WeChat"),
}
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


def field_label(name: str) -> str:
    return str(FIELD_LABELS.get(name, name))
