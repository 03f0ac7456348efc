from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from tenants.models import Chain

Column = Callable[[Any, Any], object]


class ConsolePage(ModelAdmin):
    """A read-only admin page; actions are pages of their own that call services."""

    title: Promise
    # Name of a Material Symbol; without one the page is not in the menu.
    menu_icon = ""
    actions = None
    # Without link columns a row has no detail page.
    list_display_links: list[Any] | None = None
    list_fullwidth = True
    list_filter_sheet = False
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    # django-unfold's own text is English only.
    search_help_text = gettext_lazy("Search")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context: dict[str, Any] = {"title": self.title, "subtitle": None, **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.list_display_links is None or self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return super().change_view(request, object_id, form_url, extra_context)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """Allow only the page's own filters, not arbitrary lookups such as `?id__in=` or `?name__regex=`."""
        names = {str(getattr(one, "parameter_name", one)) for one in self.list_filter}
        return lookup.removesuffix("__exact").removesuffix("__isnull") in names

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Treat an empty `?_to_field=` as missing; Django would take it for a field name."""
        return super().get_object(request, object_id, from_field or None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(title=f"{self.title} / {context['original']}", subtitle=None)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Answer 404: Django's admin log is not used, the operators' log is its own page."""
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class ConditionFilter(admin.SimpleListFilter):
    """Filters a list by one of some conditions, each by its name with a title."""

    def conditions(self) -> Mapping[str, tuple[str | Promise, Q]]:
        raise NotImplementedError

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [(name, str(title)) for name, (title, _condition) in self.conditions().items()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.conditions().get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


def column(title: str | Promise, value: Callable[[Any], object], ordering: str | None = None) -> Column:
    """A column of a list, or a field of a page, that shows what `value` makes of the row."""

    @admin.display(description=title, ordering=ordering)  # type: ignore[arg-type]  # the stubs know a private class alone
    def shown(_page: Any, row: Any) -> object:
        return value(row)

    return shown


def chain_link(chain: Chain | None) -> SafeString | str:
    if chain is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("console:tenants_chain_change", args=[chain.pk]), chain.name)


def row_button(text: str, view: str, *args: object) -> SafeString:
    """A button in a list, which is a form already, and forms cannot nest: it has its own `formaction`."""
    return format_html('<button class="again" formaction="{}">{}</button>', reverse(f"console:{view}", args=args), text)
