"""Finds the chain by the host name, before any other middleware that needs it."""

from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import set_urlconf
from django.utils import translation
from django_tenants.middleware.main import TenantMainMiddleware

from core.shared.addresses import platform_url
from tenants.host_cache import host_cache
from tenants.life.addresses import is_platform_host, redirect_to_host
from tenants.models import Chain
from tenants.postgresql_backend.current import connection


class ChainMiddleware(TenantMainMiddleware):
    """Enters the chain of the host.

    The platform's hosts get the public pages, the console's hosts the console, unknown hosts a 404.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        connection().set_schema_to_public()
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return not_found(request)
        if host in settings.PLATFORM_HOSTS:
            self._serve_from(request, settings.PUBLIC_SCHEMA_URLCONF)
            return None
        if host in settings.CONSOLE_HOSTS:
            self._serve_from(request, settings.CONSOLE_URLCONF)
            return None
        chain = host_cache.find_chain(host)
        if chain is None:
            return not_found(request)
        if chain.moved_to:
            return redirect_to_host(request, chain.moved_to)
        request.tenant = chain  # type: ignore[attr-defined]
        connection().set_tenant(chain)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """On a chain's own domain send HSTS without includeSubDomains: its subdomains are not ours."""
        chain = getattr(request, "tenant", None)
        if settings.SECURE_HSTS_SECONDS and request.is_secure() and isinstance(chain, Chain):
            host, _port = split_domain_port(request.get_host())
            if not is_platform_host(host):
                response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response

    @staticmethod
    def _serve_from(request: HttpRequest, urlconf: str) -> None:
        """Serve the request outside any chain, from the given URLconf."""
        request.tenant = connection().tenant  # type: ignore[attr-defined]
        request.urlconf = urlconf
        set_urlconf(urlconf)


def chain_of(request: HttpRequest) -> Chain:
    """The chain whose host the request came to."""
    return cast("Chain", request.tenant)  # type: ignore[attr-defined]


def not_found(request: HttpRequest) -> HttpResponse:
    """Return a 404, for browsers as a page in the browser's language, since no chain's language is known."""
    if "text/html" not in request.headers.get("accept", ""):
        return HttpResponseNotFound("Not found\n", content_type="text/plain; charset=utf-8")
    with translation.override(translation.get_language_from_request(request)):
        page = render_to_string("site/no_chain.html", {"finder": platform_url("/sign-in/")})
    return HttpResponseNotFound(page)
