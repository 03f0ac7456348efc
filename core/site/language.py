"""The language of a request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from core.impersonation.session import impersonation_of
from core.shared.chain import OutsideChainError, current_chain


class LanguageMiddleware:
    """The user's own choice (not while an operator works as this user), else the cookie's, else the chain's, else what
    the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


def language_of(request: HttpRequest) -> str:
    chosen = (
        "" if impersonation_of(request) else getattr(request.user, "language", ""),
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        _chain_language(),
    )
    for code in filter(None, chosen):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return translation.get_language_from_request(request)


def _chain_language() -> str:
    try:
        return current_chain().language
    except OutsideChainError:
        return ""
