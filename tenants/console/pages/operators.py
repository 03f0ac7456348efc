"""Who may work here, and what was done."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.figures import day
from tenants.console.pages.base import ConsolePage
from tenants.console.presentation import ago


class OperatorPage(ConsolePage):
    title = gettext_lazy("Operators")
    menu_icon = "badge"
    list_display = ["address", "called", "may_sign_in", "last_seen", "since"]
    list_display_links = None
    search_fields = ["email", "name"]

    def get_queryset(self, _request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(role=Role.OPERATOR)

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

    @admin.display(description=gettext_lazy("Since"), ordering="created_at")
    def since(self, operator: User) -> str:
        return day(operator.created_at)


class LogPage(ConsolePage):
    title = gettext_lazy("Log")
    menu_icon = "history"
    list_display = ["at", "operator", "chain_name", "what"]
    list_display_links = None
    search_fields = ["operator", "chain_name", "what"]
