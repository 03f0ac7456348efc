"""Where the platform and its chains are found: every link that leaves a page, in a mail or across hosts, is made here
from the settings and never from what a request says of itself."""

from urllib.parse import urlsplit

from django.conf import settings

from core.shared.chain import current_chain, is_inside_chain


def platform_url(path: str = "/") -> str:
    """An address on the platform's own host."""
    return f"{settings.PLATFORM_URL}{path}"


def console_url(path: str = "/") -> str:
    """An address at the operators' console: the platform's scheme and port, the console's host. Empty without one."""
    return chain_url(settings.CONSOLE_HOSTS[0], path) if settings.CONSOLE_HOSTS else ""


def chain_url(domain: str, path: str = "/") -> str:
    """An address at a chain's host: the platform's scheme and port, the chain's domain."""
    here = urlsplit(settings.PLATFORM_URL)
    port = f":{here.port}" if here.port else ""
    return f"{here.scheme}://{domain}{port}{path}"


def own_url(path: str = "/") -> str:
    """An address at the main host of the chain entered; outside any, at the operators' console."""
    return current_chain().url(path) if is_inside_chain() else console_url(path)


def chains_host() -> str:
    """The host under which new chains get their addresses: `name.host`."""
    return urlsplit(settings.PLATFORM_URL).hostname or "localhost"
