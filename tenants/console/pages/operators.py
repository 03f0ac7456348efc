"""The pages of operators and of their log."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.accounts.gates import signed_in
from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.errors import AppError
from core.shared.figures import day
from tenants.console import operators
from tenants.console.pages.base import ConsolePage, column, row_button
from tenants.console.presentation import ago


def deactivate(request: HttpRequest, operator_id: int) -> HttpResponse:
    return _change(request, operators.deactivate_operator, operator_id, _("%s is out, and may not sign in any more."))


def reactivate(request: HttpRequest, operator_id: int) -> HttpResponse:
    return _change(request, operators.reactivate_operator, operator_id, _("%s can sign in again."))


def _change(request: HttpRequest, perform: Callable[..., User], operator_id: int, done: str) -> HttpResponse:
    try:
        operator = perform(acting_user=signed_in(request), operator_id=operator_id)
    except AppError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done % operator.email)
    return redirect("console:accounts_user_changelist")


def _change_button(operator: Any) -> SafeString | str:
    if operator.is_reader:
        return "–"
    name, text = ("deactivation", _("Deactivate")) if operator.is_active else ("reactivation", _("Let in again"))
    return row_button(text, f"operator_{name}", operator.pk)


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

    address = column(gettext_lazy("E-mail"), lambda operator: operator.email, "email")
    called = column(gettext_lazy("Name"), lambda operator: operator.name, "name")

    @admin.display(description=gettext_lazy("May sign in"), ordering="is_active", boolean=True)
    def may_sign_in(self, operator: User) -> bool:
        return operator.is_active

    last_seen = column(gettext_lazy("Last sign-in"), lambda operator: ago(operator.last_login), "last_login")
    since = column(gettext_lazy("Created"), lambda operator: day(operator.created_at), "created_at")

    change = column(gettext_lazy("Actions"), _change_button)


class LogPage(ConsolePage):
    title = gettext_lazy("Log")
    menu_icon = "history"
    list_display = ["at", "operator", "chain_name", "what"]
    search_fields = ["operator", "chain_name", "what"]
