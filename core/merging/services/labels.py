"""Records and tables in words, for lists of what was moved, kept or taken back."""

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.followup.models import Contact
from core.shared.figures import day
from core.visits.models import Visit, VisitLine

WHAT: dict[str, Promise | str] = {
    "visits_visit": _("Visits"),
    "visits_visitline": _("Lines"),
    "appointments_appointment": _("Appointments"),
    "balances_openingbalance": _("Cards and stored value"),
    "followup_contact": pgettext_lazy("list", "Contacts"),
    "clients_client": _("Clients"),
    "staff_staffmember": _("Staff"),
    "catalogue_service": _("Services"),
    "catalogue_servicecategory": _("Service categories"),
    "membership_membertier": _("Member tiers"),
    "membership_clienttier": _("Member tiers held"),
    "stores_store": _("Stores"),
    "stores_storeaccess": _("People who work there"),
}
REASONS: dict[str, Promise] = {
    "changed": _("changed since"),
    "used": _("used by other records"),
    "gone": _("what it named before has been removed since"),
    "taken": _("another record has its former code by now"),
}


def what(model: type[Model]) -> Promise | str:
    table = model._meta.db_table
    return WHAT.get(table, str(model._meta.verbose_name_plural))


def record_label(one: Model) -> str:
    if isinstance(one, OpeningBalance):
        return f"{one.client} · {one}"
    if isinstance(one, Contact):
        return f"{one.client} · {day(one.day)} · {one.get_kind_display()}"
    if isinstance(one, VisitLine):
        one = one.visit
    if isinstance(one, Visit | Appointment):
        return " · ".join(filter(None, [day(one.day), str(one.store), str(one.client or ""), one.ref]))
    code = getattr(one, "code", getattr(one, "ref", ""))
    return str(one) if code in {"", str(one)} else f"{one} ({code})"
