"""The records of erased chains, which contain no names: see docs/adr/0010."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.rights import Role
from core.shared.figures import day
from tenants.console.pages.base import ConsolePage
from tenants.life.erasure import name_hashes
from tenants.life.models import Erasure


class ErasurePage(ConsolePage):
    title = gettext_lazy("Erasures")
    menu_icon = "delete_forever"
    list_display = ["erased", "asked", "who", "state", "tables_gone", "backups", "record"]
    # Only makes the search field appear; get_search_results does the search.
    search_fields = ["name_hash"]
    search_help_text = gettext_lazy("The chain's former name in its address, in full")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Erasure], search_term: str
    ) -> tuple[QuerySet[Erasure], bool]:
        """Search by the full former name, through its hash; parts of a name match nothing."""
        if not search_term.strip():
            return super().get_search_results(request, queryset, "")
        return queryset.filter(name_hash__in=name_hashes(search_term.strip().lower().replace("-", "_"))), False

    @admin.display(description=gettext_lazy("Erased"), ordering="erased_at")
    def erased(self, one: Erasure) -> str:
        return day(one.erased_at)

    @admin.display(description=gettext_lazy("Asked for"), ordering="asked_at")
    def asked(self, one: Erasure) -> str:
        return day(one.asked_at) if one.asked_at else "–"

    @admin.display(description=gettext_lazy("Asked for by"), ordering="asked_by")
    def who(self, one: Erasure) -> str:
        return str(Role(one.asked_by).label) if one.asked_by in Role.values else "–"

    @admin.display(description=gettext_lazy("Status"), ordering="finished_at")
    def state(self, one: Erasure) -> SafeString:
        mark, text = ("good", _("done")) if one.finished_at else ("meant", _("its last files still go"))
        return format_html('<span class="mark {}">{}</span>', mark, text)

    @admin.display(description=gettext_lazy("Tables"), ordering="tables")
    def tables_gone(self, one: Erasure) -> int:
        return one.tables

    @admin.display(description=gettext_lazy("In backups until"), ordering="in_backups_until")
    def backups(self, one: Erasure) -> str:
        return day(one.in_backups_until)

    @admin.display(description=gettext_lazy("Record"))
    def record(self, one: Erasure) -> str:
        return one.name_hash[:12]
