"""Middleware for every page: security headers, error pages, read-only chains, NUL characters."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseServerError,
    QueryDict,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.shared.chain import current_chain, is_inside_chain, read_only
from core.shared.declarations import declared
from core.shared.errors import AppError
from core.shared.origin import origin_of, use_origin

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Messages for statuses that views, Django or its packages answer without a body.
ERRORS_IN_WORDS = {
    405: gettext_lazy("This address does not take what was sent. Go back and try again from the page before."),
    413: gettext_lazy("That is more than can be sent here at once. Nothing was changed; send less."),
    429: gettext_lazy("Too many requests came from you or your network. Wait a minute, then try again."),
    503: gettext_lazy("This cannot be done just now. Nothing was changed; try again in a minute."),
}
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def content_security_policy(*form_targets: str) -> str:
    """`form_targets` are other origins that a form of the page may be redirected to."""
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


class OriginMiddleware:
    """Says where each request comes from, for the audit trail."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with use_origin(origin_of(request)):
            return self.get_response(request)


class NulMiddleware:
    """Stops NUL characters, which the database cannot store: a path with one is not found, a query or form is refused,
    a cookie is dropped.

    Bodies that a view reads by itself, such as uploads, are left alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in "".join(request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any) -> None:
        if "\0" in request.path:
            raise Http404
        forms = [request.GET]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            with suppress(UnreadablePostError):
                forms.append(request.POST)
        if any(map(_holds_nul, forms)):
            raise BadRequest("A NUL character.")


def _holds_nul(form: QueryDict) -> bool:
    return any("\0" in name or "\0" in "".join(values) for name, values in form.lists())


class ErrorMiddleware:
    """Renders an AppError as a page, or as a fragment for htmx, with its status and message. Does the same for answers
    without a body, such as that to a wrong method, if a browser asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        message = ERRORS_IN_WORDS.get(response.status_code)
        if message and isinstance(response, HttpResponse) and not response.content and _reads_pages(request):
            response.content = refusal(request, AppError("refused", message, status=response.status_code)).content
            response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AppError):
            return None
        return refusal(request, exception)


class ReadOnlyMiddleware:
    """In a suspended or unpaid chain refuses every form that no app declares in `ALLOWED_WHILE_READ_ONLY`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if request.method in SAFE_METHODS or not is_inside_chain() or not current_chain().is_read_only:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in declared("ALLOWED_WHILE_READ_ONLY", str):
            return None
        return refusal(request, read_only())


def _reads_pages(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("accept", "") or bool(getattr(request, "htmx", False))


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    """Renders the error; its `retry_after` becomes the header. The API reads `app_error` of the response."""
    template = "shared/partials/error.html" if getattr(request, "htmx", False) else "shared/error.html"
    response = render(request, template, {"error": error}, status=error.status)
    response.app_error = error  # type: ignore[attr-defined]
    if retry_after := error.extra.get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The answer of django-allauth's rate limits, whose periods are all a minute."""
    return refusal(request, AppError("too_often", ERRORS_IN_WORDS[429], status=429, retry_after=60))


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page, in the language of the request even if the error came before it was determined."""
    language = getattr(request, "LANGUAGE_CODE", "") or translation.get_language_from_request(request)
    with translation.override(language):
        return HttpResponseServerError(render_to_string("500.html"))
