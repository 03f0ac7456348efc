"""From what spend a year a client is of high or middle value (metric dictionary, M5): a setting of the chain."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.reporting.declaration import SET_THRESHOLDS, Action
from core.reporting.models import SpendThreshold
from core.shared.errors import AppError

MAXIMUM = 1_000_000_000


@dataclass(frozen=True)
class SpendThresholds:
    """In the chain's currency: above `high_above` is high, from `mid_from` up to it middle, below it potential."""

    high_above: int = 5_000
    mid_from: int = 1_500

    @property
    def in_hundredths(self) -> tuple[int, int]:
        return 100 * self.high_above, 100 * self.mid_from


def spend_thresholds() -> SpendThresholds:
    """The chain's, or the defaults."""
    row = SpendThreshold.objects.values("high_above", "mid_from").first()
    return SpendThresholds(**row) if row else SpendThresholds()


def set_spend_thresholds(*, high_above: int, mid_from: int, acting_user: User) -> SpendThresholds:
    """Holds from now on, for past periods too. Raises AppError: no right, thresholds that are not in order."""
    require_right(acting_user, SET_THRESHOLDS)
    if not 0 < mid_from <= MAXIMUM:
        raise AppError("bad_threshold", _("Enter an amount above 0."), field="mid_from")
    if not mid_from < high_above <= MAXIMUM:
        message = _("Enter an amount above the one for middle value.")
        raise AppError("bad_threshold", message, field="high_above")
    with transaction.atomic():
        before = vars(spend_thresholds())
        after = {"high_above": high_above, "mid_from": mid_from}
        SpendThreshold.objects.update_or_create(pk=1, defaults=after)
        record(action=Action.THRESHOLDS_CHANGED, acting_user=acting_user, before=before, after=after)
    return SpendThresholds(**after)
