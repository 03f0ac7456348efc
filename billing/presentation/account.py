"""Texts about an account: its state, its order, the next plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Account, Invoice
from billing.orders import Order, suggest_order
from billing.plans import CHAIN, CURRENCIES, ENTERPRISE, GRACE_DAYS, PLANS, TRIAL
from billing.presentation.money import amount
from billing.services.access import BEFORE_FIRST_PAYMENT
from billing.usage import Usage
from core.shared.figures import day
from core.shared.plans import PLAN_NAMES

Status = Account.Status


def plan_name(account: Account) -> str:
    if account.agreement is not None:
        return str(PLAN_NAMES[ENTERPRISE])
    if account.status in BEFORE_FIRST_PAYMENT:
        return str(PLAN_NAMES[TRIAL.plan])
    return str(PLANS[account.plan].name) if account.plan in PLANS else _("By agreement")


def describe_standing(account: Account) -> str:
    """Return one sentence on the state of trial or subscription."""
    if account.agreement is not None:
        return _("What the chain may do and pays is agreed with us.")
    if account.status in BEFORE_FIRST_PAYMENT:
        return _describe_trial(account)
    if account.status == Status.CANCELED and not account.is_payable_late:
        if not account.chain.is_unpaid:
            sentence = _("The subscription has ended, and everything goes on until %s. Subscribe to go on after it.")
            return sentence % local_day(account, account.chain.writable_until)
        sentence = _("The subscription ended on %s. Everything can be read and exported; subscribe to go on.")
        return sentence % local_day(account, account.ended_at or account.read_at)
    return _describe_good_standing(account) if account.status in Account.GOOD_STANDING else _describe_overdue(account)


def last_day(account: Account) -> str:
    """Return the last day of the period paid for."""
    return local_day(account, account.cancels_at or account.period_ends_at)


def describe_order(order: Order) -> str:
    """Return "Chain, 12 stores, paid monthly".

    Without an amount, which only Stripe knows: older prices and discounts differ from current prices.
    """
    if order.interval == "year":
        return _("%(plan)s, %(stores)s, paid yearly") % _order_values(order)
    return _("%(plan)s, %(stores)s, paid monthly") % _order_values(order)


def describe_order_with_price(order: Order, currency: str) -> str:
    """Return "Chain, 12 stores: ¥2,288 a month", at current prices."""
    values = {**_order_values(order), "amount": amount(order.amount(currency), currency)}
    if order.interval == "year":
        return _("%(plan)s, %(stores)s: %(amount)s a year") % values
    return _("%(plan)s, %(stores)s: %(amount)s a month") % values


@dataclass(frozen=True)
class Suggestion:
    """A suggestion to upgrade, and its order if it can be bought online."""

    text: str
    order: Order | None = None


def suggest_next_plan(account: Account, usage: Usage, currency: str) -> Suggestion | None:
    if account.agreement is not None:
        return None
    if account.status in BEFORE_FIRST_PAYMENT or account.status == Status.CANCELED:
        order = suggest_order(usage)
        return Suggestion(_("What fits you now: %s.") % describe_order_with_price(order, currency), order)
    if account.plan not in PLANS:
        return None
    order = Order.of(account)
    if order.plan != CHAIN:
        more = Order(CHAIN, order.interval, 2)
        return Suggestion(_("The next plan: %s.") % describe_order_with_price(more, currency), more)
    if order.stores < CHAIN.max_stores:
        more = Order(CHAIN, order.interval, order.stores + 1)
        return Suggestion(_("With one store more: %s.") % describe_order_with_price(more, currency), more)
    return Suggestion(_("More stores are by agreement: write to us."))


@dataclass(frozen=True)
class InvoiceRow:
    invoice: Invoice
    state: str
    # Refunded or disputed.
    after: str
    # Whether it can still be paid.
    is_to_be_paid: bool


def invoice_row(invoice: Invoice, account: Account) -> InvoiceRow:
    after = ""
    if invoice.is_disputed:
        after = invoice.dispute_label
    elif invoice.amount_refunded:
        after = _("%s refunded") % amount(invoice.amount_refunded, invoice.currency)
    is_open = invoice.status == Invoice.Status.OPEN
    is_asked_for = account.status != Status.CANCELED or account.is_payable_late
    state = _("no longer asked for") if is_open and not is_asked_for else invoice.get_status_display()
    return InvoiceRow(invoice, state, after, is_open and is_asked_for)


def _order_values(order: Order) -> dict[str, object]:
    return {"plan": order.plan.name, "stores": ngettext("%d store", "%d stores", order.stores) % order.stores}


def default_currency(account: Account) -> str:
    of_chain = account.chain.currency
    return account.currency or (of_chain if of_chain in CURRENCIES else "USD")


def _describe_trial(account: Account) -> str:
    if account.trial_ends_at <= timezone.now():
        sentence = _("The trial ended on %s. Everything can be read and exported; subscribe to go on.")
    else:
        sentence = _("In trial until %s, without a card. Nothing is charged by itself.")
    return sentence % local_day(account, account.trial_ends_at)


def _describe_good_standing(account: Account) -> str:
    if account.cancels_at is not None:
        return _("The subscription ends on %s. Until then everything goes on.") % local_day(account, account.cancels_at)
    if account.status == Status.TRIALING:
        sentence = _("Subscribed. The first payment is made on %s.")
    else:
        sentence = _("Active. The next invoice is made on %s.")
    return sentence % local_day(account, account.period_ends_at)


def _describe_overdue(account: Account) -> str:
    since = account.past_due_since or account.read_at
    values = {
        "since": local_day(account, since),
        "until": local_day(account, since + timedelta(days=GRACE_DAYS) if since else None),
    }
    if account.chain.is_unpaid:
        return _("A payment is open since %(since)s. Everything can be read and exported; pay it to go on.") % values
    return _("A payment is overdue since %(since)s. Nothing changes until %(until)s.") % values


def local_day(account: Account, moment: datetime | None) -> str:
    """Format a moment as a day in the chain's time zone."""
    return day(moment and moment.astimezone(ZoneInfo(account.chain.time_zone)))
