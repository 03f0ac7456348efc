"""Going into a chain as one of its users."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES
from core.impersonation.tickets import issue_ticket
from core.shared.addresses import chain_url
from core.shared.errors import AppError
from tenants.console.log import note
from tenants.life.addresses import platform_domain
from tenants.models import Chain

# Owners come first; a chain with more is large enough to be asked whom to go in as.
MOST_USERS = 500
SHORTEST_REASON = 10


class VisitForm(forms.Form):
    user = forms.TypedChoiceField(label=gettext_lazy("As"), coerce=int, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
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


def users_of(chain: Chain) -> list[User]:
    """Whom an operator can go in as: owners first."""
    order = {role: place for place, role in enumerate(CHAIN_ROLES)}
    with tenant_context(chain):
        found = list(User.objects.filter(is_active=True).order_by("email")[:MOST_USERS])
    return sorted(found, key=lambda user: order.get(user.role, len(order)))  # type: ignore[call-overload]


def way_in(chain: Chain, *, acting_user: User, user_id: int, reason: str, back: str) -> str:
    """The address that leads in, once and within a minute. Raises AppError where there is no such user.

    Never at a domain of the chain's own: what answers there is up to whoever holds it today.
    """
    kept = " ".join(reason.split())
    if len(kept) < SHORTEST_REASON:
        raise AppError("reason_short", _("Say in a few words why you need to go in."), field="reason")
    with transaction.atomic():
        with tenant_context(chain):
            user = User.objects.filter(pk=user_id, is_active=True).first()
            if user is None:
                raise AppError("user_gone", _("There is no such user in the chain any more."), field="user", status=404)
            ticket = issue_ticket(operator=acting_user.email, user=user, reason=kept, back=back)
        note(acting_user, f"Went in as user {user.pk}: {kept}", chain=chain)
    return chain_url(platform_domain(chain).domain, f"/operator/enter/?ticket={ticket}")
