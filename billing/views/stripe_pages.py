"""Content security policy for pages whose forms redirect to Stripe."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.conf import settings
from django.http.response import HttpResponseBase

from core.shared.middleware import content_security_policy

P = ParamSpec("P")


def allow_redirect_to_stripe(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Decorate a view so that its forms may redirect to Stripe's payment pages."""

    @wraps(view)
    def allowed(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Content-Security-Policy"] = content_security_policy(*settings.STRIPE_PAGES)
        return response

    return allowed
