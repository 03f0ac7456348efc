"""The actions of operators on a chain: each is a page with a form and calls the same service as the owner's page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context
from unfold.widgets import UnfoldAdminTextInputWidget

from core.accounts.models import User
from core.shared.errors import AppError
from core.shared.origin import as_operator
from core.shared.task_queue import send_or_refuse
from tenants.console import tasks
from tenants.console.action_log import log_action
from tenants.console.health import get_figures
from tenants.life import addresses, erasure, exports, suspension
from tenants.models import Chain


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The people of the chain read it."),
    )


class AddressForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("New address"),
        max_length=63,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The part before the first dot: letters a to z, digits and hyphens."),
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the chain"),
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Type it just as it is written above, so that no other chain is meant."),
    )


@dataclass(frozen=True, kw_only=True)
class ChainAction:
    """An action. `perform` is called outside any chain; `is_available` says whether it can be done now."""

    name: str
    title: Promise
    about: Promise
    done: Promise
    perform: Callable[[Chain, User, dict[str, Any]], object]
    is_available: Callable[[Chain], bool] = lambda _chain: True
    # Without fields it is a button alone.
    form: type[forms.Form] = forms.Form
    is_danger: bool = False


def perform_action(action: ChainAction, chain: Chain, *, acting_user: User, data: dict[str, Any]) -> None:
    """Perform an action and log it. Raises AppError if it is not available or refused."""
    if not action.is_available(chain):
        raise AppError("not_now", _("The chain has changed meanwhile: this cannot be done now."), status=409)
    with transaction.atomic():
        action.perform(chain, acting_user, data)
        log_action(acting_user, action.name.replace("-", " ").capitalize(), chain=chain)


def _suspend(chain: Chain, operator: User, data: dict[str, Any]) -> None:
    suspension.suspend_chain(chain, reason=data["reason"], operator=operator.email)


def _resume(chain: Chain, operator: User, _data: dict[str, Any]) -> None:
    suspension.resume_chain(chain, operator=operator.email)


def _rename(chain: Chain, operator: User, data: dict[str, Any]) -> None:
    with tenant_context(chain), as_operator(operator.email):
        addresses.rename_address(chain, data["address"], acting_user=None)


def _export(chain: Chain, operator: User, _data: dict[str, Any]) -> None:
    with tenant_context(chain), as_operator(operator.email):
        exports.ask_export(chain, acting_user=None)


def _migrate(chain: Chain, operator: User, _data: dict[str, Any]) -> None:
    send_or_refuse(tasks.migrate, chain.pk, operator.email)


def _request_erasure(chain: Chain, operator: User, data: dict[str, Any]) -> None:
    with tenant_context(chain), as_operator(operator.email):
        erasure.request_erasure(chain, acting_user=None, typed_name=data["name"])


def _withdraw_erasure(chain: Chain, operator: User, _data: dict[str, Any]) -> None:
    with tenant_context(chain), as_operator(operator.email):
        erasure.withdraw_erasure(chain, acting_user=None)


ACTIONS = (
    ChainAction(
        name="suspension",
        title=gettext_lazy("Suspend"),
        about=gettext_lazy("People sign in, read and export; nothing is recorded or brought in until it is resumed."),
        done=gettext_lazy("The chain is suspended."),
        form=ReasonForm,
        perform=_suspend,
        is_available=lambda chain: not chain.is_suspended,
    ),
    ChainAction(
        name="resumption",
        title=gettext_lazy("Resume"),
        about=gettext_lazy("People can work again."),
        done=gettext_lazy("The chain is resumed."),
        perform=_resume,
        is_available=lambda chain: chain.is_suspended,
    ),
    ChainAction(
        name="address",
        title=gettext_lazy("Change the address"),
        about=gettext_lazy("The old address leads to the new one for 30 days."),
        done=gettext_lazy("The address was changed."),
        form=AddressForm,
        perform=_rename,
    ),
    ChainAction(
        name="export",
        title=gettext_lazy("Export everything"),
        about=gettext_lazy("One archive with all records and files is made in the background; owners see it too."),
        done=gettext_lazy("The export is being made."),
        perform=_export,
    ),
    ChainAction(
        name="migration",
        title=gettext_lazy("Bring tables up to date"),
        about=gettext_lazy(
            "The migrations that the chain lacks run in the background. If one fails, the chain stays as it was."
        ),
        done=gettext_lazy("The migrations are running."),
        perform=_migrate,
        is_available=lambda chain: get_figures(chain).migrations_missing > 0,
    ),
    ChainAction(
        name="erasure",
        title=gettext_lazy("Erase"),
        about=gettext_lazy(
            "In 30 days everything the chain has is erased. Until then it can be taken back, here and by its owners, "
            "who get a mail."
        ),
        done=gettext_lazy("The chain will be erased in 30 days."),
        form=NameForm,
        perform=_request_erasure,
        is_available=lambda chain: chain.erase_at is None,
        is_danger=True,
    ),
    ChainAction(
        name="erasure-withdrawal",
        title=gettext_lazy("Take the erasure back"),
        about=gettext_lazy("The chain stays."),
        done=gettext_lazy("The chain will not be erased."),
        perform=_withdraw_erasure,
        is_available=lambda chain: chain.erase_at is not None,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}
