"""Registers billing's pages and columns at the operators' console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from billing.console_pages.records import AccountPage, EventPage, InvoicePage
from billing.console_pages.revenue_page import RevenuePage
from billing.models import Account, Invoice, RevenueChange, StripeEvent
from tenants.console.pages.chains import ChainPage
from tenants.console.site import console
from tenants.models import Chain


@admin.display(description=gettext_lazy("Billing"), ordering="billing_account__status")
def billing_state(chain: Chain) -> str:
    account: Account | None = getattr(chain, "billing_account", None)
    return "–" if account is None else str(account.get_status_display())


ChainPage.add_column("billing_state", billing_state, related="billing_account")
console.register(RevenueChange, RevenuePage)
console.register(Account, AccountPage)
console.register(Invoice, InvoicePage)
console.register(StripeEvent, EventPage)
