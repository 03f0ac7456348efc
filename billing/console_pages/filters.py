"""List filters that the revenue report links to: by month, currency or figure."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import revenue
from billing.revenue import INVOICE_FILTERS, Month
from tenants.console.pages.base import ConditionFilter

FIGURE_LABELS = {
    "billed": gettext_lazy("billed"),
    "paid": gettext_lazy("paid"),
    "refunded": gettext_lazy("refunded"),
    "disputed": gettext_lazy("disputed"),
    "failed": gettext_lazy("failed at first"),
    "recovered": gettext_lazy("paid later"),
    "waiting": gettext_lazy("still waiting"),
    "lost": gettext_lazy("given up"),
}


def parse_month(text: str) -> Month:
    """Parse `2026-05`. Raises BadRequest."""
    try:
        year, number = (int(part) for part in text.split("-"))
        month = Month(year, number)
        _begins = month.start, month.next.start
    except (ValueError, OverflowError) as error:
        raise BadRequest from error
    return month


class MonthFilter(admin.SimpleListFilter):
    """Filters by month; offers the months that have rows."""

    title = gettext_lazy("Month")
    parameter_name = "month"
    field = "created_at"

    def lookups(self, _request: HttpRequest, page: Any) -> list[tuple[str, str]]:
        months = page.model.objects.datetimes(self.field, "month", order="DESC")[:36]
        return [(f"{moment:%Y-%m}", f"{moment:%Y-%m}") for moment in months]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        month = parse_month(self.value() or "")
        return queryset.filter(**{f"{self.field}__gte": month.start, f"{self.field}__lt": month.next.start})


class ChangeMonthFilter(MonthFilter):
    field = "at"


class UntilFilter(MonthFilter):
    """Filters changes up to the end of a month, which add up to its closing MRR."""

    title = gettext_lazy("Up to")
    parameter_name = "until"
    field = "at"

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(at__lt=parse_month(self.value() or "").next.start) if self.value() else queryset


class FigureFilter(ConditionFilter):
    """Filters the invoices that a figure sums up; void ones belong to none."""

    title = gettext_lazy("Figure")
    parameter_name = "figure"

    def conditions(self) -> Mapping[str, tuple[str | Promise, Q]]:
        return {name: (title, INVOICE_FILTERS[name] & ~Q(status="void")) for name, title in FIGURE_LABELS.items()}


class StandingFilter(ConditionFilter):
    title = gettext_lazy("Standing")
    parameter_name = "standing"

    def conditions(self) -> Mapping[str, tuple[str | Promise, Q]]:
        return {
            "paying": (_("paying"), Q(monthly_amount__gt=0)),
            "trial": (_("in trial"), Q(status__in=["", "incomplete", "incomplete_expired"])),
            "overdue": (_("overdue"), Q(past_due_since__isnull=False)),
            "paid": (_("ever paid"), revenue.converted()),
            "undecided": (_("in trial, could still subscribe"), revenue.undecided()),
            "decided": (_("decided"), ~revenue.undecided()),
        }


class HandledFilter(ConditionFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def conditions(self) -> Mapping[str, tuple[str | Promise, Q]]:
        waiting = Q(handled_at=None)
        return {
            "waiting": (_("waiting"), waiting),
            "problem": (_("with a problem"), waiting & ~Q(problem="")),
            "handled": (_("handled"), ~waiting),
        }
