"""What every page has in common on its way out: protective headers, and refusals in words."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.shared.chain import current_chain, is_inside_chain, read_only
from core.shared.errors import AppError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def content_security_policy(*form_targets: str) -> str:
    """`form_targets` are other origins that a form of the page may end at."""
    targets = " ".join(["'self'", *form_targets])
    return (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors 'none'"
    )


HEADERS = {
    "Content-Security-Policy": content_security_policy(),
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
        return refusal(request, exception)


class ReadOnlyMiddleware:
    """In a suspended or unpaid chain, forms are refused but for those that change no record (signing in and out,
    exports, paying)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if request.method in SAFE_METHODS or not is_inside_chain() or not current_chain().is_read_only:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in settings.ALLOWED_WHILE_READ_ONLY:
            return None
        return refusal(request, read_only())


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    template = "shared/partials/error.html" if getattr(request, "htmx", False) else "shared/error.html"
    return render(request, template, {"error": error}, status=error.status)
