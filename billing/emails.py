"""Emails about trial and payment to a chain's owners, written in the language active at the call."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.mail.emails import EmailText
from core.shared.chain import ChainInfo
from core.shared.figures import day


def trial_ends(chain: ChainInfo, page: str, *, ends: datetime, days: int) -> EmailText:
    subject = ngettext(
        "%(chain)s: the trial ends in %(days)d day", "%(chain)s: the trial ends in %(days)d days", days
    ) % {"chain": chain.name, "days": days}
    text = _(
        "The trial of %(chain)s ends on %(day)s. To go on without a break, choose a plan on the page “Plan and "
        "billing”; what is left of the trial stays free. Without one, everything can still be read and exported after "
        "that day, but nothing changed. Nothing is deleted."
    ) % {"chain": chain.name, "day": _day(chain, ends)}
    return EmailText(subject, (text,), _plan_page(page))


def trial_ended(chain: ChainInfo, page: str) -> EmailText:
    subject = _("%s: the trial has ended") % chain.name
    text = _(
        "The trial of %(chain)s has ended. Everything can be read and exported, nothing changed, until an owner "
        "chooses a plan on the page “Plan and billing”. Nothing was deleted."
    ) % {"chain": chain.name}
    return EmailText(subject, (text,), _plan_page(page))


def payment_failed(chain: ChainInfo, page: str, *, until: datetime) -> EmailText:
    subject = _("%s: a payment failed") % chain.name
    text = _(
        "A payment for %(chain)s did not go through. It is tried again by itself over the next days. If your card has "
        "changed, put in the new one on the page “Plan and billing”. Nothing changes for your team until %(day)s; from "
        "then on everything can be read and exported, but nothing changed, until the payment is made."
    ) % {"chain": chain.name, "day": _day(chain, until)}
    return EmailText(subject, (text,), _plan_page(page))


def payment_overdue(chain: ChainInfo, page: str, *, until: datetime) -> EmailText:
    subject = _("%(chain)s: a payment is overdue, all goes on until %(day)s") % {
        "chain": chain.name,
        "day": _day(chain, until),
    }
    text = _(
        "A payment for %(chain)s is still open. If it is not made by %(day)s, everything can be read and exported from "
        "then on, but nothing changed. Pay or change the card on the page “Plan and billing”."
    ) % {"chain": chain.name, "day": _day(chain, until)}
    return EmailText(subject, (text,), _plan_page(page))


def read_only_begins(chain: ChainInfo, page: str) -> EmailText:
    subject = _("%s can only be read until the open payment is made") % chain.name
    text = _(
        "A payment for %(chain)s has been open for too long. Everything can still be read and exported, but nothing "
        "changed. As soon as the payment is made on the page “Plan and billing”, all is as before, within a minute. "
        "Nothing was deleted."
    ) % {"chain": chain.name}
    return EmailText(subject, (text,), _plan_page(page))


def payment_came(chain: ChainInfo, page: str) -> EmailText:
    subject = _("%s: the payment came, thank you") % chain.name
    text = _("The open payment for %(chain)s was made, and everything works as before.") % {"chain": chain.name}
    return EmailText(subject, (text,), _plan_page(page))


def subscription_ended(chain: ChainInfo, page: str) -> EmailText:
    subject = _("%s: the subscription has ended") % chain.name
    text = _(
        "The subscription of %(chain)s has ended. Everything can be read and exported, nothing changed, until an owner "
        "subscribes again on the page “Plan and billing”. Nothing was deleted."
    ) % {"chain": chain.name}
    return EmailText(subject, (text,), _plan_page(page))


def payment_disputed(chain: ChainInfo, page: str, *, number: str) -> EmailText:
    subject = _("%s: your bank asks about a payment") % chain.name
    text = _(
        "The card's owner has told the bank that the payment of invoice %(number)s for %(chain)s was not theirs or not "
        "right. If that was a mistake, tell the bank; if something is wrong with the invoice, answer this mail. "
        "Nothing changes for your team meanwhile."
    ) % {"number": number, "chain": chain.name}
    return EmailText(subject, (text,), _plan_page(page))


def _plan_page(page: str) -> tuple[tuple[str, str], ...]:
    return ((_("Plan and billing"), page),)


def _day(chain: ChainInfo, moment: datetime) -> str:
    """Format a moment as a day in the chain's time zone."""
    return day(moment.astimezone(ZoneInfo(chain.time_zone)))
