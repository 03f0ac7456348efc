"""The origin of a change, for the audit trail: IP address, device and, if one acts, the platform's operator."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from ipaddress import ip_address

from django.http import HttpRequest

from core.shared.network import client_address

_BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?/(\d+)")),
    ("WeChat", re.compile(r"\bMicroMessenger/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)(?:\.[\d.]*)? (?:Mobile/\w+ )?Safari/")),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
MAX_LENGTH = 80


@dataclass(frozen=True)
class Origin:
    """`operator` is set while someone of the platform acts in the chain."""

    ip: str | None = None
    device: str = ""
    operator: str = ""


NO_ORIGIN = Origin()
_current: ContextVar[Origin] = ContextVar("origin", default=NO_ORIGIN)


def current_origin() -> Origin:
    return _current.get()


@contextmanager
def use_origin(origin: Origin) -> Iterator[None]:
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def as_operator(name: str) -> Iterator[None]:
    """Entries recorded within name this operator of the platform."""
    with use_origin(replace(current_origin(), operator=name)):
        yield


def origin_of(request: HttpRequest) -> Origin:
    return Origin(address_of(request), short_device(request.headers.get("User-Agent", "")))


def address_of(request: HttpRequest) -> str | None:
    try:
        return str(ip_address(client_address(request)))
    except ValueError:
        return None


def short_device(user_agent: str) -> str:
    """Browser with its main version, and system: enough to recognise one's own device by."""
    browser = next((f"{name} {found[1]}" for name, known in _BROWSERS if (found := known.search(user_agent))), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    short = ", ".join(filter(None, [browser, system])) or user_agent
    return "".join(letter for letter in short if letter.isprintable())[:MAX_LENGTH]
