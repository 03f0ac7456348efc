"""The list of chains."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.shared.figures import count, day
from tenants.console.health import get_figures, listed_chains
from tenants.console.models import OpenWork
from tenants.console.pages import chain_detail
from tenants.console.pages.base import ConditionFilter, ConsolePage, column
from tenants.console.presentation import ago, format_size, health_marks, plan_label, version_label
from tenants.models import Chain


class StateFilter(ConditionFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def conditions(self) -> Mapping[str, tuple[str | Promise, Q]]:
        failed = OpenWork.objects.filter(status=OpenWork.Status.FAILED)
        return {
            "suspended": (_("suspended"), Q(read_only_since__isnull=False)),
            "unpaid": (_("read-only, unpaid"), Q(writable_until__lte=timezone.now())),
            "erasure": (_("to be erased"), Q(erase_at__isnull=False)),
            "behind": (_("tables behind"), Q(figures__migrations_missing__gt=0)),
            "failed": (_("with failed jobs"), Q(pk__in=failed.values("chain"))),
        }


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
            path("<int:chain_id>/<slug:action>/", guarded(chain_detail.act), name="chain_action"),
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
