"""Absolute URLs of the platform and its chains, for mails and links across hosts, made from the settings and never
from the Host header of a request."""

from urllib.parse import urlsplit

from django.conf import settings

from core.shared.chain import current_chain, is_inside_chain


def platform_url(path: str = "/") -> str:
    """A URL on the platform's own host."""
    return f"{settings.PLATFORM_URL}{path}"


def console_url(path: str = "/") -> str:
    """A URL of the operators' console, with the platform's scheme and port; empty if no console host is set."""
    return chain_url(settings.CONSOLE_HOSTS[0], path) if settings.CONSOLE_HOSTS else ""


def chain_url(domain: str, path: str = "/") -> str:
    """A URL on a chain's domain, with the platform's scheme and port."""
    here = urlsplit(settings.PLATFORM_URL)
    port = f":{here.port}" if here.port else ""
    return f"{here.scheme}://{domain}{port}{path}"


def own_url(path: str = "/") -> str:
    """A URL on the main host of the current chain; outside a chain, of the operators' console."""
    return current_chain().url(path) if is_inside_chain() else console_url(path)


def chains_host() -> str:
    """The host under which new chains get their addresses: `name.host`."""
    return urlsplit(settings.PLATFORM_URL).hostname or "localhost"
