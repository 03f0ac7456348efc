"""Whatever an operator does in a chain is recorded as the operator's, and some things are not the operator's to do."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.impersonation.session import end, impersonation_of
from core.shared.declarations import declared
from core.shared.origin import as_operator

# What is the person's own: password, second factor, e-mail, sessions. Other apps declare as `CLOSED_TO_OPERATORS` the
# views of what would outlast the hour (new people, roles), and of what is the owner's alone (everything taken out,
# addresses, the end of the chain, what is paid).
FORBIDDEN = ("account_", "mfa_", "usersessions_")


class ImpersonationMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        impersonation = impersonation_of(request)
        if impersonation is None:
            return self.get_response(request)
        if impersonation.is_over:
            end(request, impersonation)
            return self.get_response(request)
        with as_operator(impersonation.operator):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if impersonation_of(request) and is_closed(name):
            raise PermissionDenied


def is_closed(view_name: str) -> bool:
    """To operators who work as someone of the chain. Pages do not lead there meanwhile (`page.impersonation`)."""
    return view_name.startswith(FORBIDDEN) or view_name in declared("CLOSED_TO_OPERATORS", str)
