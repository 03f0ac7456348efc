"""The operators' log of their actions. Actions on a chain are in the chain's audit trail too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.chain import is_inside_chain
from tenants.console.models import OperatorAction
from tenants.models import Chain


def connect() -> None:
    user_logged_in.connect(_on_signed_in, dispatch_uid="console")
    user_logged_out.connect(_on_signed_out, dispatch_uid="console")


def log_action(operator: User, what: str, *, chain: Chain | None = None) -> None:
    """Log an action, in its transaction, outside any chain. `what` is stored in English."""
    name = f"{chain.name} ({chain.schema_name})" if chain else ""
    OperatorAction.objects.create(operator=operator.email, chain=chain, chain_name=name, what=what[:300])


def _on_signed_in(user: User, **_more: Any) -> None:
    _log_own(user, "Signed in")


def _on_signed_out(user: User | None, **_more: Any) -> None:
    _log_own(user, "Signed out")


def _log_own(user: User | None, what: str) -> None:
    if user is not None and user.role == Role.OPERATOR and not is_inside_chain():
        log_action(user, what)
