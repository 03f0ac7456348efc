"""The revenue report: each figure links to its rows; also as CSV."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing import revenue
from billing.console_pages.filters import FIGURE_LABELS, ChangeMonthFilter, UntilFilter, parse_month
from billing.console_pages.formatting import amount_column, format_amount, moment_column
from billing.fapiao import export_fapiao
from billing.models import RevenueChange
from billing.revenue import Month
from core.accounts.gates import signed_in
from core.shared.figures import NOTHING, percent
from core.shared.spreadsheets import csv_line
from tenants.console.action_log import log_action
from tenants.console.pages.base import ConsolePage, chain_link, column

KINDS = RevenueChange.Kind
Cell = tuple[str, str]


class RevenuePage(ConsolePage):
    """Shows the report; with filters, the list of changes behind it."""

    title = gettext_lazy("Revenue")
    menu_icon = "monitoring"
    list_display = ["day", "kind", "of_chain", "subscription_id", "before_amount", "after_amount"]
    list_filter = [ChangeMonthFilter, UntilFilter, "kind", "currency"]
    search_fields = ["subscription_id", "account__chain__name", "account__chain__schema_name"]
    list_select_related = ["account__chain"]
    ordering = ["-at", "-id"]

    def get_urls(self) -> list[URLPattern]:
        as_page = self.admin_site.admin_view
        own = [
            path("export/", as_page(require_safe(self._export)), name="billing_revenue_export"),
            path("fapiao/<str:month>/", as_page(require_safe(self._fapiao)), name="billing_fapiao_export"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if request.GET:
            return super().changelist_view(request, {"title": _("Changes of revenue"), **(extra_context or {})})
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": self.title, **_overview()}
        return TemplateResponse(request, "billing/console/revenue.html", context)

    def _export(self, request: HttpRequest) -> HttpResponse:
        log_action(signed_in(request), "Exported the figures of revenue")
        answer = HttpResponse("".join(_csv_rows()), content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="revenue.csv"'
        return answer

    def _fapiao(self, request: HttpRequest, month: str) -> StreamingHttpResponse:
        parsed = parse_month(month)
        log_action(signed_in(request), f"Exported the fapiao of {parsed}")
        lines = export_fapiao(year=parsed.year, month=parsed.number)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="fapiao-{parsed}.csv"'
        return answer

    day = moment_column(gettext_lazy("When"), "at")
    of_chain = column(
        gettext_lazy("Salon chain"),
        lambda change: chain_link(change.account.chain if change.account else None),
        "account__chain__name",
    )
    before_amount = amount_column(gettext_lazy("Before, a month"), "before")
    after_amount = amount_column(gettext_lazy("After, a month"), "after")


def _shown_months(now: datetime) -> tuple[Month, Month]:
    last = Month.of(now)
    return Month(last.year - 1, last.number), last


def _overview() -> dict[str, Any]:
    since, through = _shown_months(timezone.now())
    months = list(revenue.months(since, through))[::-1]
    return {
        "currencies": [_currency_section(code, since, through) for code in revenue.currencies()],
        "kinds": KINDS.labels,
        "figures": list(FIGURE_LABELS.values()),
        "trials": [_trial_row(month, trials) for month, trials in reversed(revenue.trials(since, through).items())],
        "months": [(str(month), reverse("console:billing_fapiao_export", args=[str(month)])) for month in months],
        "export": reverse("console:billing_revenue_export"),
    }


def _currency_section(code: str, since: Month, through: Month) -> dict[str, Any]:
    movements = revenue.movements(code, since, through)[::-1]
    return {
        "code": code,
        "now": (format_amount(movements[0].end, code), _link("account", standing="paying", currency=code)),
        "movements": [_movement_row(movement) for movement in movements],
        "payments": [_payments_row(code, *row) for row in reversed(revenue.payments(code, since, through).items())],
    }


def _movement_row(movement: revenue.Movement) -> tuple[str, list[Cell]]:
    code, month = movement.currency, str(movement.month)
    cells = [
        _cell(movement.by_kind[kind], code, _link("revenuechange", currency=code, month=month, kind=kind))
        for kind in KINDS
    ]
    begin = _cell(movement.begin, code, _link("revenuechange", currency=code, until=str(movement.month.previous)))
    end = _cell(movement.end, code, _link("revenuechange", currency=code, until=month))
    return month, [begin, *cells, end]


def _payments_row(code: str, month: Month, payments: revenue.Payments) -> tuple[str, list[Cell]]:
    return str(month), [
        _cell(getattr(payments, name), code, _link("invoice", currency=code, month=str(month), figure=name))
        for name in FIGURE_LABELS
    ]


def _cell(value: int, currency: str, link: str) -> Cell:
    """Return an amount with its link; zero is a dash without link, so that amounts stand out."""
    return (format_amount(value, currency), link) if value else (NOTHING, "")


def _count(value: int, link: str) -> Cell:
    return (str(value), link) if value else (NOTHING, "")


def _trial_row(month: Month, trials: revenue.Trials) -> tuple[str, list[Cell]]:
    label = str(month)
    decided = _link("account", month=label, standing="decided")
    return label, [
        _count(trials.started, _link("account", month=label)),
        _count(trials.converted, _link("account", month=label, standing="paid")),
        _count(trials.running, _link("account", month=label, standing="undecided")),
        (percent(trials.conversion), "" if trials.conversion is None else decided),
    ]


def _link(model: str, **filters: str) -> str:
    names = {"currency": "currency__exact", "kind": "kind__exact"}
    query = urlencode({names.get(name, name): value for name, value in filters.items()})
    return f"{reverse(f'console:billing_{model}_changelist')}?{query}"


def _csv_rows() -> Iterator[str]:
    """Yield the report as CSV, with amounts in the smallest unit."""
    since, through = _shown_months(timezone.now())
    yield "\N{BYTE ORDER MARK}"
    yield csv_line(["month", "currency", "mrr_begin", *KINDS.values, "mrr_end", *FIGURE_LABELS])
    for code in revenue.currencies():
        payments = revenue.payments(code, since, through)
        for movement in revenue.movements(code, since, through):
            paid = payments[movement.month]
            kinds = [movement.by_kind[kind] for kind in KINDS]
            figures = [getattr(paid, name) for name in FIGURE_LABELS]
            yield csv_line([movement.month, code, movement.begin, *kinds, movement.end, *figures])
