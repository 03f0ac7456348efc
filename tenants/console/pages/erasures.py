"""The records of erased chains, which contain no names: see docs/adr/0010."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.rights import Role
from core.shared.figures import day
from tenants.console.pages.base import ConsolePage, column
from tenants.console.presentation import mark
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

    erased = column(gettext_lazy("Erased"), lambda one: day(one.erased_at), "erased_at")
    asked = column(gettext_lazy("Asked for"), lambda one: day(one.asked_at) if one.asked_at else "–", "asked_at")
    who = column(
        gettext_lazy("Asked for by"),
        lambda one: str(Role(one.asked_by).label) if one.asked_by in Role.values else "–",
        "asked_by",
    )

    @admin.display(description=gettext_lazy("Status"), ordering="finished_at")
    def state(self, one: Erasure) -> SafeString:
        return mark("good", _("done")) if one.finished_at else mark("meant", _("its last files still go"))

    tables_gone = column(gettext_lazy("Tables"), lambda one: one.tables, "tables")
    backups = column(gettext_lazy("In backups until"), lambda one: day(one.in_backups_until), "in_backups_until")
    record = column(gettext_lazy("Record"), lambda one: one.name_hash[:12])
