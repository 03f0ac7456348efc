"""What operators have done, for the operators themselves. What was done to a chain is in the chain's own trail too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.chain import is_inside_chain
from tenants.console.models import OperatorAction
from tenants.models import Chain


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="console")
    user_logged_out.connect(_signed_out, dispatch_uid="console")


def note(operator: User, what: str, *, chain: Chain | None = None) -> None:
    """Called outside any chain, in the transaction of what was done. `what` is kept as it is, in English."""
    name = f"{chain.name} ({chain.schema_name})" if chain else ""
    OperatorAction.objects.create(operator=operator.email, chain=chain, chain_name=name, what=what[:300])


def _signed_in(user: User, **_more: Any) -> None:
    _note_own(user, "Signed in")


def _signed_out(user: User | None, **_more: Any) -> None:
    _note_own(user, "Signed out")


def _note_own(user: User | None, what: str) -> None:
    if user is not None and user.role == Role.OPERATOR and not is_inside_chain():
        note(user, what)
