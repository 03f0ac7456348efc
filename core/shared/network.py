"""The client address of a request, and a check that a proxy or the buffering worker shields us from slow clients."""

import ipaddress
import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.http import HttpRequest

# gunicorn has loaded it where it serves with it.
BUFFERING_WORKER = "config.buffering.worker"


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks. Behind proxies of ours (PROXIES of them), the one that the outermost of them saw:
    each adds whom it heard from at the right end of X-Forwarded-For, and what stands left of that anyone can write."""
    seen = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    proxies: int = settings.PROXIES
    if proxies and len(seen) >= proxies:
        return seen[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def client_network(request: HttpRequest) -> str:
    """What limits are counted by: the address, or of IPv6 the /64 that one household has. Empty where there is none."""
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def check_proxy(**_options: Any) -> list[CheckMessage]:
    """Runs with `check --deploy` and when the web server starts."""
    if settings.PROXIES or BUFFERING_WORKER in sys.modules:
        return []
    message = "No proxy is said to be in front: a few slow connections can hold every thread of a web server."
    hint = "Set PROXIES to the number of your proxies, and serve with gunicorn --config python:config.gunicorn."
    return [CheckWarning(message, hint=hint, id="shared.W001")]
