"""What the check of a visits file tells its owner before anything is kept: see `services.kinds.visit_overview`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.models import ImportRun
from core.shared.figures import NOTHING, count, day, money, month, percent

# From this share of the rows on it is said that no client stands there.
MUCH_ANONYMOUS = 0.3


@dataclass(frozen=True)
class Month:
    month: date
    in_file: Decimal
    before: Decimal
    after: Decimal
    # The file adds about as much as there was.
    doubles: bool


@dataclass(frozen=True)
class Sample:
    day: date
    # As it is shown; not known where empty.
    time: str
    store: str
    client: str | None
    receipt: str
    lines: int
    amount: Decimal


@dataclass(frozen=True)
class Overview:
    sentence: str
    warnings: tuple[str, ...]
    months: tuple[Month, ...]
    samples: tuple[Sample, ...]

    @property
    def has_before(self) -> bool:
        return any(one.before for one in self.months)


def overview_of(run: ImportRun) -> Overview | None:
    """None for other kinds, and where no check came to an end."""
    told = run.summary.get("overview")
    if not told:
        return None
    months = tuple(_month(one) for one in told["months"])
    return Overview(_sentence(told), _warnings(told, months), months, tuple(map(_sample, told["samples"])))


def _sentence(told: Mapping[str, Any]) -> str:
    visits, clients, stores = told["visits"], told["clients"], told["stores"]
    values = {
        "visits": ngettext("%s visit", "%s visits", visits) % count(visits),
        "clients": ngettext("%s client", "%s clients", clients) % count(clients),
        "stores": ngettext("%s store", "%s stores", stores) % count(stores),
        "first": day(date.fromisoformat(told["first_day"])),
        "last": day(date.fromisoformat(told["last_day"])),
        "revenue": money(Decimal(told["revenue"])),
    }
    return _("%(visits)s by %(clients)s in %(stores)s, from %(first)s to %(last)s. Net revenue: %(revenue)s.") % values


def _warnings(told: Mapping[str, Any], months: tuple[Month, ...]) -> tuple[str, ...]:
    found = []
    doubled = [month(one.month) for one in months if one.doubles]
    if doubled:
        message = _("The file adds about as much as is already there in %s: it may have been imported before.")
        found.append(message % ", ".join(doubled))
    anonymous = told["anonymous_lines"] / told["lines"]
    if anonymous >= MUCH_ANONYMOUS:
        message = _("%s of the rows name no client. Repurchase cannot be counted from them.")
        found.append(message % percent(anonymous, 0))
    return tuple(found)


def _month(told: Mapping[str, Any]) -> Month:
    amounts = {name: Decimal(told[name]) for name in ("in_file", "before", "after")}
    return Month(month=date.fromisoformat(told["month"]), doubles=told["doubles"], **amounts)


def _sample(told: Mapping[str, Any]) -> Sample:
    at = time.fromisoformat(told["time"])
    values = {
        "day": date.fromisoformat(told["day"]),
        "time": f"{at:%H:%M}" if at != time(0) else NOTHING,
        "amount": Decimal(told["amount"]),
    }
    return Sample(**{**told, **values})
