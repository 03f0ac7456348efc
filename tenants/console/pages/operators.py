"""Who may work here, and what was done."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.accounts.models import User
from core.accounts.rights import Role
from tenants.console.pages.base import ConsolePage


class OperatorPage(ConsolePage):
    title = gettext_lazy("Operators")
    menu_icon = "badge"
    list_display = ["email", "name", "is_active", "last_login", "created_at"]
    list_display_links = None
    search_fields = ["email", "name"]

    def get_queryset(self, _request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(role=Role.OPERATOR)


class LogPage(ConsolePage):
    title = gettext_lazy("Log")
    menu_icon = "history"
    list_display = ["at", "operator", "chain_name", "what"]
    list_display_links = None
    search_fields = ["operator", "chain_name", "what"]
