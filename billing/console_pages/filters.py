"""List filters that the revenue report links to: by month, currency or figure."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import revenue
from billing.revenue import INVOICE_FILTERS, Month

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


class FigureFilter(admin.SimpleListFilter):
    """Filters the invoices that a figure sums up; void ones belong to none."""

    title = gettext_lazy("Figure")
    parameter_name = "figure"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [(name, str(title)) for name, title in FIGURE_LABELS.items()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = INVOICE_FILTERS.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition).exclude(status="void")


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("Standing")
    parameter_name = "standing"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [
            ("paying", _("paying")),
            ("trial", _("in trial")),
            ("overdue", _("overdue")),
            ("paid", _("ever paid")),
            ("undecided", _("in trial, could still subscribe")),
            ("decided", _("decided")),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        undecided = revenue.undecided()
        condition = {
            "paying": Q(monthly_amount__gt=0),
            "trial": Q(status__in=["", "incomplete", "incomplete_expired"]),
            "overdue": Q(past_due_since__isnull=False),
            "paid": Q(revenue_changes__isnull=False),
            "undecided": undecided,
            "decided": ~undecided,
        }.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition).distinct()


class HandledFilter(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [("waiting", _("waiting")), ("problem", _("with a problem")), ("handled", _("handled"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = {
            "waiting": Q(handled_at=None),
            "problem": Q(handled_at=None) & ~Q(problem=""),
            "handled": Q(handled_at__isnull=False),
        }.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)
