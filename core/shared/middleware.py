"""What every page has in common on its way out: protective headers, and refusals in words."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.shared.errors import AppError

GetResponse = Callable[[HttpRequest], HttpResponseBase]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Pages hold a chain's figures and its clients' data: no shared cache and no disk keeps them. Static files never
    # come this way.
    "Cache-Control": "private, no-store",
}


class HeadersMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Server-Timing"] = f"total;dur={(time.perf_counter() - began) * 1000:.1f}"
        return response


class ErrorMiddleware:
    """An AppError becomes a page, or a fragment where htmx asked, with its status and its message, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AppError):
            return None
        template = "shared/partials/error.html" if getattr(request, "htmx", False) else "shared/error.html"
        return render(request, template, {"error": exception}, status=exception.status)
