"""Who may manage a chain, and how the audit trail names it."""

from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import Subject
from core.shared.errors import AppError
from core.shared.origin import current_origin
from tenants.life.declaration import MANAGE_CHAIN, Kind
from tenants.models import Chain


def require_owner(user: User | None) -> None:
    """Raise AppError unless the user is an owner of the current chain; None means an operator (`as_operator`)."""
    allowed = bool(current_origin().operator) if user is None else user.may(MANAGE_CHAIN)
    if not allowed:
        raise AppError("not_allowed", _("Only the owner can do this."), status=403)


def actor_label(user: User | None) -> str:
    """Return the acting person's name for messages."""
    return user.email if user else f"operator {current_origin().operator}"[:254]


def audit_subject(chain: Chain) -> Subject:
    return Subject(Kind.CHAIN, chain.schema_name, chain.name)
