"""A piece of a page, loaded after it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def fragment(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """Within a page of its own where no script put it into one."""
    template = f"reporting/partials/{name}.html"
    if getattr(request, "htmx", False):
        return render(request, template, context)
    return render(request, "reporting/fragment_page.html", {**context, "fragment": template, "title": _("Chart")})
