"""The notice about trial and payment that every user of a chain sees."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.shared.chain import ChainInfo
from core.shared.figures import day

TRIAL = "trial"
# The end of a trial is spoken of from so many days before it.
DAYS_BEFORE = 7


def payment_notice(chain: ChainInfo) -> str:
    """One sentence, or empty. It costs no query."""
    until = chain.writable_until
    if until is None or chain.is_suspended:
        return ""
    left = until - timezone.now()
    is_trial = chain.entitlements.plan == TRIAL
    if left <= timedelta(0):
        return _("The trial is over.") if is_trial else _("What was paid for is over.")
    if not is_trial:
        last = day(until.astimezone(ZoneInfo(chain.time_zone)))
        return _("A payment is needed. Without it, records can be changed until %s only.") % last
    if left > timedelta(days=DAYS_BEFORE):
        return ""
    days = left.days + 1
    return ngettext("The trial ends in %d day.", "The trial ends in %d days.", days) % days
