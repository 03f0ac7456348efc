"""Who may see a view, and who may change something."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.rights import Right
from core.shared.chain import require_writable
from core.shared.errors import AppError

P = ParamSpec("P")


def signed_in(request: HttpRequest) -> User:
    """The user, whom LoginRequiredMiddleware has made sure of."""
    return cast("User", request.user)


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Only users whose role has the right."""

    def gate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def gated(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not signed_in(request).may(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return gated

    return gate


def require_right(user: User | None, right: Right) -> None:
    """For services. Raises AppError where the chain is read-only or the user lacks the right; the command line acts for
    no user."""
    require_writable()
    if user is not None and not user.may(right):
        raise lacks_right(right)


def lacks_right(right: Right) -> AppError:
    return AppError("not_allowed", _("Your role lacks a right: %s.") % right.label, status=403)
