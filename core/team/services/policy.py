"""What the chain asks of everyone who signs in."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import SignInPolicy, User
from core.accounts.policy import has_second_factor
from core.audit.trail import record
from core.shared.errors import AppError
from core.team.declaration import MANAGE_TEAM, Action


def set_second_factor(*, acting_user: User, required: bool) -> None:
    """Raises AppError without the right, or where it is asked for by someone who has none."""
    require_right(acting_user, MANAGE_TEAM)
    if required and not has_second_factor(acting_user):
        raise AppError("set_up_yours", _("Set up two-step sign-in for yourself first."), status=409)
    with transaction.atomic():
        before = {"requires_second_factor": SignInPolicy.objects.filter(requires_second_factor=True).exists()}
        after = {"requires_second_factor": required}
        SignInPolicy.objects.update_or_create(pk=1, defaults=after)
        record(action=Action.SETTINGS_CHANGED, acting_user=acting_user, before=before, after=after)
