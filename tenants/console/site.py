"""The admin site of the console: for operators only, with its own content security policy."""

from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.chain import is_inside_chain
from core.shared.middleware import HEADERS

# django-unfold uses Alpine, which evaluates attributes and sets styles: docs/adr/0014.
POLICY = f"{HEADERS['Content-Security-Policy']}; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"


class ConsoleSite(UnfoldAdminSite):
    """`register` takes admin classes with a `menu_icon` to be in the menu; see `tenants.console.pages.base`."""

    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.role == Role.OPERATOR and not is_inside_chain()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def with_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            response.headers["Content-Security-Policy"] = POLICY
            return response

        return with_policy

    def get_urls(self) -> list[Any]:
        """Leave out the `view_on_site` URL: no record has a public page."""
        return [entry for entry in super().get_urls() if getattr(entry, "name", None) != "view_on_site"]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Answer 404 for a page of results that does not exist."""
        try:
            return super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404 from error

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        return redirect("console:tenants_chain_changelist")

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Redirect to the common sign-in pages, with their rate limits and second factor."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("home")))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        super().logout(request, extra_context)
        return redirect("account_login")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        return redirect("account_change_password")

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return one menu of all pages, in the order of their registration."""
        pages: dict[Any, Any] = self._registry
        items = [_menu_item(request, model, page) for model, page in pages.items() if getattr(page, "menu_icon", "")]
        return [{"items": items}]


def _menu_item(request: HttpRequest, model: type[Model], page: Any) -> dict[str, Any]:
    link = reverse(f"console:{model._meta.app_label}_{model._meta.model_name}_changelist")
    active = request.path.startswith(link)
    return {"title": page.title, "icon": page.menu_icon, "link": link, "active": active, "has_permission": True}


console = ConsoleSite(name="console")
