"""Brakes whoever asks too often, by the address of the network."""

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest

from core.shared.network import client_address


def is_too_often(request: HttpRequest, what: str, *, times: int, seconds: int) -> bool:
    """Counts this time as well; the period runs from its first."""
    return count(request, what, seconds=seconds) > times


def count(request: HttpRequest, what: str, *, seconds: int) -> int:
    """How often it was by now, this time included."""
    key = _key(request, what)
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # its time was up in between
        return 1


def counted(request: HttpRequest, what: str) -> int:
    return int(cache.get(_key(request, what)) or 0)


def _key(request: HttpRequest, what: str) -> str:
    return f"{what}:{_network(request)}"


def _network(request: HttpRequest) -> str:
    """The address, or of IPv6 the /64 that one household has."""
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
