"""Errors for programs: each is a problem document (RFC 9457)."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.views import exception_handler

from api.authentication import CHALLENGE
from core.shared.errors import AppError

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
# By status: code and text of errors that come without their own.
TEXTS: dict[int, tuple[str, Promise]] = {
    400: ("bad_request", _("The request cannot be read. Check its address, headers and body.")),
    401: ("not_signed_in", _("Sign in first, with every step that the chain asks for, and send the session's cookie.")),
    403: ("forbidden", _("Your role does not include the right to do this. Ask an owner of the chain.")),
    404: ("not_found", _("There is nothing at this address. Check how it is spelled.")),
    405: ("method_not_allowed", _("This address does not take this method. The header Allow lists those it takes.")),
    406: ("not_acceptable", _("Answers are JSON only. Send Accept: application/json, or leave the header out.")),
    429: ("too_many_requests", _("Too many requests at once. Try again after the seconds in the header Retry-After.")),
    500: ("server_error", _("Something went wrong on our side. Try again later.")),
}
Response = TypeVar("Response", bound=HttpResponse)


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What REST framework calls with an error of a view. None leaves it to Django, as a fault of ours."""
    if isinstance(error, AppError):
        return as_problem(HttpResponse(status=error.status), error)
    response = exception_handler(error, context)
    return as_problem(response) if response else None


class ProblemMiddleware:
    """Below /api/, whatever other middleware or Django itself refuses is a problem document too, and so is a redirect
    to a page where people sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith(PREFIX) or not isinstance(response, HttpResponse):
            return response
        _leads_to_sign_in(response)
        if response.status_code < 400 or response.headers["Content-Type"] == MEDIA_TYPE:
            return response
        language = response.headers.get("Content-Language") or translation.get_language_from_request(request)
        with translation.override(language):
            return as_problem(response, getattr(response, "app_error", None))


def as_problem(response: Response, error: AppError | None = None) -> Response:
    """The response with its status and headers, and the error's text; without one, that of its status."""
    content = json.dumps(_document(response.status_code, error), ensure_ascii=False).encode()
    response.content = content
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Length"] = str(len(content))
    # Of pages, which load again by themselves.
    response.headers.pop("Refresh", None)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def _document(status: int, error: AppError | None) -> dict[str, Any]:
    code, detail = (error.code, error.message) if error else TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": str(detail),
    }
    if error and error.field:
        problem["errors"] = [{"field": error.field, "code": error.code, "detail": str(error.message)}]
    elif error and "errors" in error.extra:
        problem["errors"] = error.extra["errors"]
    return problem


def _leads_to_sign_in(response: HttpResponse) -> None:
    """As 401: the redirect of those whose second step is missing."""
    if response.status_code == HTTPStatus.FOUND or "HX-Redirect" in response.headers:
        response.status_code = HTTPStatus.UNAUTHORIZED
        for name in ("Location", "HX-Redirect"):
            response.headers.pop(name, None)
