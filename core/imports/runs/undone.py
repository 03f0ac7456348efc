"""What taking an import back came to, or would come to, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.imports.models import ImportRun, Kind


@dataclass(frozen=True)
class Line:
    """Of one kind of record."""

    what: Promise | str
    removed: int
    restored: int
    kept: int


@dataclass(frozen=True)
class Kept:
    what: Promise | str
    label: str
    reason: Promise | str


def lines_of(run: ImportRun) -> list[Line] | None:
    """None where it has not been looked at."""
    if run.undo is None:
        return None
    return [Line(_WHAT.get(table, table), **counts) for table, counts in run.undo["tables"].items()]


def kept_of(run: ImportRun) -> list[Kept]:
    """The first of them, by name."""
    return [
        Kept(_WHAT.get(one["table"], one["table"]), one["label"], _REASONS.get(one["reason"], one["reason"]))
        for one in (run.undo or {}).get("records", ())
    ]


_WHAT: dict[str, Promise | str] = {
    "visits_visit": Kind.VISITS.label,
    "appointments_appointment": Kind.APPOINTMENTS.label,
    "balances_openingbalance": Kind.BALANCES.label,
    "clients_client": Kind.CLIENTS.label,
    "staff_staffmember": Kind.STAFF.label,
    "catalogue_service": Kind.SERVICES.label,
    "catalogue_servicecategory": _("Service categories"),
    "membership_membertier": _("Member tiers"),
    "stores_store": Kind.STORES.label,
}
_REASONS: dict[str, Promise] = {
    "changed": _("changed since"),
    "used": _("used by other records"),
    "gone": _("what it named before has been removed since"),
    "taken": _("another record has its former code by now"),
}
