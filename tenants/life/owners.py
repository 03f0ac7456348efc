"""Who may decide about a chain, and how the trail names it."""

from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.rights import Right
from core.audit.actions import Kind
from core.audit.trail import Subject
from core.shared.errors import AppError
from tenants.models import Chain


def require_owner(user: User) -> None:
    if not user.may(Right.MANAGE_CHAIN):
        raise AppError("not_allowed", _("Only the owner can do this."), status=403)


def as_subject(chain: Chain) -> Subject:
    return Subject(Kind.CHAIN, chain.schema_name, chain.name)
