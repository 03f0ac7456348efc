"""Console pages of accounts, invoices and Stripe events."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.console_pages.filters import FigureFilter, HandledFilter, MonthFilter, StandingFilter
from billing.console_pages.formatting import amount_column, moment_column
from billing.models import StripeEvent
from billing.webhooks.reprocessing import reprocess_events
from core.accounts.gates import signed_in
from tenants.console.action_log import log_action
from tenants.console.pages.base import ConsolePage, chain_link, column, row_button


def format_json(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


class AccountPage(ConsolePage):
    title = gettext_lazy("Subscriptions")
    menu_icon = "credit_card"
    list_display = [
        "account",
        "of_chain",
        "status",
        "plan",
        "interval",
        "quantity",
        "monthly",
        "trial_until",
        "overdue",
    ]
    list_display_links = ["account"]
    list_filter = [StandingFilter, "status", "plan", "interval", "currency", MonthFilter]
    search_fields = ["chain__name", "chain__schema_name", "customer_id", "subscription_id"]
    list_select_related = ["chain"]
    fields = [
        "of_chain", "customer_id", "subscription_id", "status", "plan", "interval", "quantity", "currency", "monthly",
        "created", "trial_until", "period_until", "to_end", "ended", "overdue", "read", "agreed",
    ]  # fmt: skip
    readonly_fields = [
        "of_chain", "monthly", "created", "trial_until", "period_until", "to_end", "ended", "overdue", "read",
        "agreed",
    ]  # fmt: skip

    account = column(gettext_lazy("Account"), str, "pk")
    of_chain = column(gettext_lazy("Salon chain"), lambda account: chain_link(account.chain), "chain__name")
    monthly = amount_column(gettext_lazy("A month"), "monthly_amount")
    trial_until = moment_column(gettext_lazy("Trial until"), "trial_ends_at")
    overdue = moment_column(gettext_lazy("Overdue since"), "past_due_since")
    created = moment_column(gettext_lazy("Created"), "created_at")
    period_until = moment_column(gettext_lazy("Period until"), "period_ends_at")
    to_end = moment_column(gettext_lazy("To end on"), "cancels_at")
    ended = moment_column(gettext_lazy("Ended on"), "ended_at")
    agreed = column(
        gettext_lazy("Agreement"), lambda account: "–" if account.agreement is None else format_json(account.agreement)
    )
    read = moment_column(gettext_lazy("Read from Stripe"), "read_at")


class InvoicePage(ConsolePage):
    title = gettext_lazy("Invoices")
    menu_icon = "receipt_long"
    list_display = [
        "named",
        "of_chain",
        "status",
        "total_amount",
        "paid",
        "refunded",
        "attempts",
        "disputed",
        "day",
    ]
    list_display_links = ["named"]
    list_filter = [FigureFilter, MonthFilter, "currency", "status", "is_disputed", "dispute"]
    search_fields = ["id", "number", "account__chain__name", "account__chain__schema_name"]
    list_select_related = ["account__chain"]
    fields = [
        "id", "number", "of_chain", "account", "status", "total_amount", "paid", "refunded", "attempts", "disputed",
        "day", "paid_on",
    ]  # fmt: skip
    readonly_fields = ["of_chain", "total_amount", "paid", "refunded", "disputed", "day", "paid_on"]

    named = column(gettext_lazy("Invoice"), str, "number")
    of_chain = column(
        gettext_lazy("Salon chain"), lambda invoice: chain_link(invoice.account.chain), "account__chain__name"
    )
    total_amount = amount_column(gettext_lazy("Total"), "total")
    paid = amount_column(gettext_lazy("Paid"), "amount_paid")
    refunded = amount_column(gettext_lazy("Refunded"), "amount_refunded")
    disputed = column(gettext_lazy("Dispute"), lambda invoice: invoice.dispute_label or "–", "dispute")
    day = moment_column(gettext_lazy("Date"), "created_at")
    paid_on = moment_column(gettext_lazy("Paid on"), "paid_at")


class EventPage(ConsolePage):
    """The webhook events, each with a button that processes it again."""

    title = gettext_lazy("Stripe events")
    menu_icon = "webhook"
    list_display = ["id", "type", "customer", "created", "handled", "problem_text", "again"]
    list_display_links = ["id"]
    list_filter = [HandledFilter, "type"]
    search_fields = ["id", "customer_id", "type"]
    fields = ["id", "type", "customer", "created", "received", "handled", "attempts", "problem_text", "content"]
    readonly_fields = ["customer", "created", "received", "handled", "problem_text", "content"]
    ordering = ["-created_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        events: QuerySet[StripeEvent] = super().get_queryset(request)
        is_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("_changelist")
        return events.defer("payload") if is_list else events

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(require_POST(self._again))
        return [path("<str:event_id>/handle/", guarded, name="stripe_event_handle"), *super().get_urls()]

    def _again(self, request: HttpRequest, event_id: str) -> HttpResponse:
        event = get_object_or_404(StripeEvent, pk=event_id)
        reprocess_events(event_ids=[event.pk])
        log_action(signed_in(request), f"Handled Stripe event {event.pk} again")
        messages.success(request, _("It is worked off again. Load the page to see what came of it."))
        return redirect("console:billing_stripeevent_changelist")

    created = moment_column(gettext_lazy("Created"), "created_at")
    received = moment_column(gettext_lazy("Received"), "received_at")
    customer = column(gettext_lazy("Customer"), lambda event: event.customer_id or "–", "customer_id")
    problem_text = column(gettext_lazy("Problem"), lambda event: event.problem or "–")
    handled = moment_column(gettext_lazy("Handled"), "handled_at")
    content = column(gettext_lazy("Content"), lambda event: format_json(event.payload))

    again = column("", lambda event: row_button(_("Handle again"), "stripe_event_handle", event.pk))
