"""The list of chains."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.shared.figures import count, day
from tenants.console.health import filter_by_state, get_figures, listed_chains
from tenants.console.pages import chain_detail
from tenants.console.pages.base import ConsolePage, column
from tenants.console.presentation import ago, format_size, health_marks, plan_label, version_label
from tenants.models import Chain


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [
            ("suspended", _("suspended")),
            ("unpaid", _("read-only, unpaid")),
            ("erasure", _("to be erased")),
            ("behind", _("tables behind")),
            ("failed", _("with failed jobs")),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Chain]) -> QuerySet[Chain]:
        return filter_by_state(queryset, self.value() or "")


class ChainPage(ConsolePage):
    """The list of chains; other apps add columns with `add_column`."""

    title = gettext_lazy("Chains")
    menu_icon = "storefront"
    list_display = [
        "chain_name", "address", "plan", "health", "size", "clients", "visits", "users", "last_active", "version",
        "created",
    ]  # fmt: skip
    list_display_links = ["chain_name"]
    list_filter = [StateFilter, "country"]
    search_fields = ["name", "schema_name", "domains__domain"]
    search_help_text = gettext_lazy("Name, schema or address")
    related: ClassVar[list[str]] = ["figures"]

    @classmethod
    def add_column(cls, name: str, column: Callable[[Chain], object], *, related: str, after: str = "plan") -> None:
        """Add a column; `related` is the relation it reads, joined to the list's query."""
        setattr(cls, name, staticmethod(column))
        cls.list_display.insert(cls.list_display.index(after) + 1, name)
        cls.related.append(related)

    def get_queryset(self, _request: HttpRequest) -> QuerySet[Chain]:
        return listed_chains().select_related(*self.related)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        own = [
            path("<int:chain_id>/change/", guarded(chain_detail.detail), name="tenants_chain_change"),
            path("<int:chain_id>/visit/", guarded(chain_detail.visit), name="chain_visit"),
            path(
                "<int:chain_id>/exports/<uuid:export_id>/", guarded(chain_detail.export_file), name="chain_export_file"
            ),
            path("<int:chain_id>/<slug:name>/", guarded(chain_detail.act), name="chain_action"),
        ]
        return [*own, *super().get_urls()]

    chain_name = column(gettext_lazy("Salon chain"), lambda chain: chain.name, "name")
    address = column(gettext_lazy("Address"), lambda chain: chain.address or "–", "address")
    plan = column(gettext_lazy("Plan"), plan_label)
    health = column(gettext_lazy("Health"), health_marks)
    size = column(gettext_lazy("Size"), lambda chain: format_size(get_figures(chain).size), "figures__size")
    clients = column(gettext_lazy("Clients"), lambda chain: count(get_figures(chain).clients), "figures__clients")
    visits = column(gettext_lazy("Visits"), lambda chain: count(get_figures(chain).visits), "figures__visits")
    users = column(gettext_lazy("Users"), lambda chain: count(get_figures(chain).users), "figures__users")
    last_active = column(
        gettext_lazy("Last activity"), lambda chain: ago(get_figures(chain).last_active_at), "figures__last_active_at"
    )
    version = column(gettext_lazy("Tables"), version_label, "figures__migrations_missing")
    created = column(gettext_lazy("Created"), lambda chain: day(chain.created_at), "created_at")
