"""The list of chains."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.shared.figures import count, day
from tenants.console.health import filter_by_state, get_figures, listed_chains
from tenants.console.pages import chain_detail
from tenants.console.pages.base import ConsolePage
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
            path("<int:chain_id>/change/", guarded(self._detail), name="tenants_chain_change"),
            path("<int:chain_id>/visit/", guarded(self._visit), name="chain_visit"),
            path("<int:chain_id>/exports/<uuid:export_id>/", guarded(self._export_file), name="chain_export_file"),
            path("<int:chain_id>/<slug:action>/", guarded(self._act), name="chain_action"),
        ]
        return [*own, *super().get_urls()]

    def _detail(self, request: HttpRequest, chain_id: int) -> HttpResponseBase:
        return chain_detail.detail(request, chain_id)

    def _visit(self, request: HttpRequest, chain_id: int) -> HttpResponseBase:
        return chain_detail.visit(request, chain_id)

    def _act(self, request: HttpRequest, chain_id: int, action: str) -> HttpResponseBase:
        return chain_detail.act(request, chain_id, action)

    def _export_file(self, request: HttpRequest, chain_id: int, export_id: Any) -> HttpResponseBase:
        return chain_detail.export_file(request, chain_id, export_id)

    @admin.display(description=gettext_lazy("Salon chain"), ordering="name")
    def chain_name(self, chain: Chain) -> str:
        return chain.name

    @admin.display(description=gettext_lazy("Address"), ordering="address")
    def address(self, chain: Any) -> str:
        return chain.address or "–"

    @admin.display(description=gettext_lazy("Plan"))
    def plan(self, chain: Chain) -> str:
        return plan_label(chain)

    @admin.display(description=gettext_lazy("Health"))
    def health(self, chain: Chain) -> SafeString:
        return health_marks(chain)

    @admin.display(description=gettext_lazy("Size"), ordering="figures__size")
    def size(self, chain: Chain) -> str:
        return format_size(get_figures(chain).size)

    @admin.display(description=gettext_lazy("Clients"), ordering="figures__clients")
    def clients(self, chain: Chain) -> str:
        return count(get_figures(chain).clients)

    @admin.display(description=gettext_lazy("Visits"), ordering="figures__visits")
    def visits(self, chain: Chain) -> str:
        return count(get_figures(chain).visits)

    @admin.display(description=gettext_lazy("Users"), ordering="figures__users")
    def users(self, chain: Chain) -> str:
        return count(get_figures(chain).users)

    @admin.display(description=gettext_lazy("Last activity"), ordering="figures__last_active_at")
    def last_active(self, chain: Chain) -> str:
        return ago(get_figures(chain).last_active_at)

    @admin.display(description=gettext_lazy("Tables"), ordering="figures__migrations_missing")
    def version(self, chain: Chain) -> str:
        return version_label(chain)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, chain: Chain) -> str:
        return day(chain.created_at)
