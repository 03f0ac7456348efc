"""Impersonation: entering a chain as one of its users."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES
from core.impersonation.session import issue_ticket
from core.shared.addresses import chain_url
from core.shared.errors import AppError
from tenants.console.action_log import log_action
from tenants.life.addresses import platform_domain
from tenants.models import Chain

# Limit of the list, which begins with the owners.
MAX_USERS = 500
MIN_REASON_LENGTH = 10


class ImpersonationForm(forms.Form):
    user = forms.TypedChoiceField(label=gettext_lazy("As"), coerce=int, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy(
            "Why you need to go in, such as the number of a request. The owner of the chain reads it."
        ),
    )

    def __init__(self, *args: object, users: list[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["user"].choices = [  # type: ignore[attr-defined]
            (user.pk, f"{user} · {user.email} · {user.get_role_display()}") for user in users
        ]


def list_users(chain: Chain) -> list[User]:
    """Return the users an operator can impersonate, owners first."""
    order = {role: place for place, role in enumerate(CHAIN_ROLES)}
    with tenant_context(chain):
        users = list(User.objects.filter(is_active=True).order_by("email")[:MAX_USERS])
    return sorted(users, key=lambda user: order.get(user.role, len(order)))  # type: ignore[call-overload]


def start_impersonation(chain: Chain, *, acting_user: User, user_id: int, reason: str, back: str) -> str:
    """Return a URL that starts the impersonation, once, within a minute. Raises AppError if there is no such user.

    Always under the platform's host: a chain's own domain may by now point to someone else's server.
    """
    reason_text = " ".join(reason.split())
    if len(reason_text) < MIN_REASON_LENGTH:
        raise AppError("reason_short", _("Say in a few words why you need to go in."), field="reason")
    with transaction.atomic():
        with tenant_context(chain):
            user = User.objects.filter(pk=user_id, is_active=True).first()
            if user is None:
                raise AppError("user_gone", _("There is no such user in the chain any more."), field="user", status=404)
            ticket = issue_ticket(operator=acting_user.email, user=user, reason=reason_text, back=back)
        log_action(acting_user, f"Went in as user {user.pk}: {reason_text}", chain=chain)
    return chain_url(platform_domain(chain).domain, f"/operator/enter/?ticket={ticket}")
