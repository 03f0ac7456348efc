"""Ends an impersonation as soon as the operator is deactivated."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.impersonation.session import end, impersonation_of
from tenants.console.operators import is_operator


class StillOperatorMiddleware:
    """Runs before ImpersonationMiddleware; costs a query only for impersonated requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        impersonation = impersonation_of(request)
        if impersonation and not is_operator(impersonation.operator):
            end(request, impersonation)
        return self.get_response(request)
