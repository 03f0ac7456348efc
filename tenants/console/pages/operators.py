"""The pages of operators and of their log."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.errors import AppError
from core.shared.figures import day
from tenants.console import operators
from tenants.console.pages.base import ConsolePage, get_operator
from tenants.console.presentation import ago


def deactivate(request: HttpRequest, operator_id: int) -> HttpResponse:
    return _change(request, operators.deactivate_operator, operator_id, _("%s is out, and may not sign in any more."))


def reactivate(request: HttpRequest, operator_id: int) -> HttpResponse:
    return _change(request, operators.reactivate_operator, operator_id, _("%s can sign in again."))


def _change(request: HttpRequest, perform: Callable[..., User], operator_id: int, done: str) -> HttpResponse:
    try:
        operator = perform(acting_user=get_operator(request), operator_id=operator_id)
    except AppError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done % operator.email)
    return redirect("console:accounts_user_changelist")


class OperatorPage(ConsolePage):
    title = gettext_lazy("Operators")
    menu_icon = "badge"
    list_display = ["address", "called", "may_sign_in", "last_seen", "since", "change"]
    search_fields = ["email", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(role=Role.OPERATOR).annotate(is_reader=Q(pk=request.user.pk))

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        own = [
            path("<int:operator_id>/deactivation/", guarded(require_POST(deactivate)), name="operator_deactivation"),
            path("<int:operator_id>/reactivation/", guarded(require_POST(reactivate)), name="operator_reactivation"),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=gettext_lazy("E-mail"), ordering="email")
    def address(self, operator: User) -> str:
        return operator.email

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def called(self, operator: User) -> str:
        return operator.name

    @admin.display(description=gettext_lazy("May sign in"), ordering="is_active", boolean=True)
    def may_sign_in(self, operator: User) -> bool:
        return operator.is_active

    @admin.display(description=gettext_lazy("Last sign-in"), ordering="last_login")
    def last_seen(self, operator: User) -> str:
        return ago(operator.last_login)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def since(self, operator: User) -> str:
        return day(operator.created_at)

    @admin.display(description=gettext_lazy("Actions"))
    def change(self, operator: Any) -> SafeString | str:
        """The list is a form already, and forms cannot nest, so the button has its own `formaction`."""
        if operator.is_reader:
            return "–"
        name, text = ("deactivation", _("Deactivate")) if operator.is_active else ("reactivation", _("Let in again"))
        url = reverse(f"console:operator_{name}", args=[operator.pk])
        return format_html('<button class="again" formaction="{}">{}</button>', url, text)


class LogPage(ConsolePage):
    title = gettext_lazy("Log")
    menu_icon = "history"
    list_display = ["at", "operator", "chain_name", "what"]
    search_fields = ["operator", "chain_name", "what"]
