"""Console pages of accounts, invoices and Stripe events."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.console_pages.filters import FigureFilter, HandledFilter, MonthFilter, StandingFilter
from billing.console_pages.formatting import format_amount, format_moment
from billing.models import Account, Invoice, StripeEvent
from billing.webhooks.reprocessing import reprocess_events
from tenants.console.action_log import log_action
from tenants.console.pages.base import ConsolePage, get_operator
from tenants.models import Chain


def chain_link(chain: Chain | None) -> SafeString | str:
    if chain is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("console:tenants_chain_change", args=[chain.pk]), chain.name)


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

    @admin.display(description=gettext_lazy("Account"), ordering="pk")
    def account(self, account: Account) -> str:
        return str(account)

    @admin.display(description=gettext_lazy("Salon chain"), ordering="chain__name")
    def of_chain(self, account: Account) -> SafeString | str:
        return chain_link(account.chain)

    @admin.display(description=gettext_lazy("A month"), ordering="monthly_amount")
    def monthly(self, account: Account) -> str:
        return format_amount(account.monthly_amount, account.currency)

    @admin.display(description=gettext_lazy("Trial until"), ordering="trial_ends_at")
    def trial_until(self, account: Account) -> str:
        return format_moment(account.trial_ends_at)

    @admin.display(description=gettext_lazy("Overdue since"), ordering="past_due_since")
    def overdue(self, account: Account) -> str:
        return format_moment(account.past_due_since)

    @admin.display(description=gettext_lazy("Created"))
    def created(self, account: Account) -> str:
        return format_moment(account.created_at)

    @admin.display(description=gettext_lazy("Period until"))
    def period_until(self, account: Account) -> str:
        return format_moment(account.period_ends_at)

    @admin.display(description=gettext_lazy("To end on"))
    def to_end(self, account: Account) -> str:
        return format_moment(account.cancels_at)

    @admin.display(description=gettext_lazy("Ended on"))
    def ended(self, account: Account) -> str:
        return format_moment(account.ended_at)

    @admin.display(description=gettext_lazy("Agreement"))
    def agreed(self, account: Account) -> SafeString | str:
        return "–" if account.agreement is None else format_json(account.agreement)

    @admin.display(description=gettext_lazy("Read from Stripe"))
    def read(self, account: Account) -> str:
        return format_moment(account.read_at)


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

    @admin.display(description=gettext_lazy("Invoice"), ordering="number")
    def named(self, invoice: Invoice) -> str:
        return str(invoice)

    @admin.display(description=gettext_lazy("Salon chain"), ordering="account__chain__name")
    def of_chain(self, invoice: Invoice) -> SafeString | str:
        return chain_link(invoice.account.chain)

    @admin.display(description=gettext_lazy("Total"), ordering="total")
    def total_amount(self, invoice: Invoice) -> str:
        return format_amount(invoice.total, invoice.currency)

    @admin.display(description=gettext_lazy("Paid"), ordering="amount_paid")
    def paid(self, invoice: Invoice) -> str:
        return format_amount(invoice.amount_paid, invoice.currency)

    @admin.display(description=gettext_lazy("Refunded"), ordering="amount_refunded")
    def refunded(self, invoice: Invoice) -> str:
        return format_amount(invoice.amount_refunded, invoice.currency)

    @admin.display(description=gettext_lazy("Dispute"), ordering="dispute")
    def disputed(self, invoice: Invoice) -> str:
        return invoice.dispute_label or "–"

    @admin.display(description=gettext_lazy("Date"), ordering="created_at")
    def day(self, invoice: Invoice) -> str:
        return format_moment(invoice.created_at)

    @admin.display(description=gettext_lazy("Paid on"))
    def paid_on(self, invoice: Invoice) -> str:
        return format_moment(invoice.paid_at)


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
        log_action(get_operator(request), f"Handled Stripe event {event.pk} again")
        messages.success(request, _("It is worked off again. Load the page to see what came of it."))
        return redirect("console:billing_stripeevent_changelist")

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, event: StripeEvent) -> str:
        return format_moment(event.created_at)

    @admin.display(description=gettext_lazy("Received"))
    def received(self, event: StripeEvent) -> str:
        return format_moment(event.received_at)

    @admin.display(description=gettext_lazy("Customer"), ordering="customer_id")
    def customer(self, event: StripeEvent) -> str:
        return event.customer_id or "–"

    @admin.display(description=gettext_lazy("Problem"))
    def problem_text(self, event: StripeEvent) -> str:
        return event.problem or "–"

    @admin.display(description=gettext_lazy("Handled"), ordering="handled_at")
    def handled(self, event: StripeEvent) -> str:
        return format_moment(event.handled_at)

    @admin.display(description=gettext_lazy("Content"))
    def content(self, event: Any) -> SafeString:
        return format_json(event.payload)

    @admin.display(description="")
    def again(self, event: StripeEvent) -> SafeString:
        """The list is a form already, and forms cannot nest, so the button has its own `formaction`."""
        url = reverse("console:stripe_event_handle", args=[event.pk])
        return format_html('<button class="again" formaction="{}">{}</button>', url, _("Handle again"))
