from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from core.accounts.gates import signed_in
from core.accounts.models import User


class ConsolePage(ModelAdmin):
    """Shows and changes nothing by itself: what can be done is a page of its own that calls a service."""

    title: Promise
    # A symbol's name of Material Symbols; without one the page is not in the menu.
    menu_icon = ""
    actions = None
    # Without a column that leads there, a row has no page of its own.
    list_display_links: list[Any] | None = None
    list_fullwidth = True
    list_filter_sheet = False
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    # django-unfold's own words are English.
    search_help_text = gettext_lazy("Search")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        said: dict[str, Any] = {"title": self.title, "subtitle": None, **(extra_context or {})}
        return super().changelist_view(request, said)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.list_display_links is None or self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return super().change_view(request, object_id, form_url, extra_context)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """What the page filters by, and no other column in whatever way (`?id__in=`, `?name__regex=`)."""
        names = {str(getattr(one, "parameter_name", one)) for one in self.list_filter}
        return lookup.removesuffix("__exact").removesuffix("__isnull") in names

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django takes an empty name of a field (`?_to_field=`) for one."""
        return super().get_object(request, object_id, from_field or None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(title=f"{self.title} / {context['original']}", subtitle=None)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """The admin's own log is not kept; ours is a page."""
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


def operator_of(request: HttpRequest) -> User:
    """Whom `ConsoleSite.admin_view` has let in."""
    return signed_in(request)
