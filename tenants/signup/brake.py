"""Brakes whoever asks too often, by the address of the network."""

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest

from core.shared.network import client_address


def is_too_often(request: HttpRequest, what: str, *, times: int, seconds: int) -> bool:
    """Counts this time as well; the period runs from its first."""
    key = f"{what}:{_network(request)}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > times
    except ValueError:  # its time was up in between
        return False


def _network(request: HttpRequest) -> str:
    """The address, or of IPv6 the /64 that one household has."""
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
