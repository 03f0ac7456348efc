"""Masks secrets of links (invitations, password resets, confirmations, tickets) in every log line.

A route carries a key where one of its parameters has a name of SECRET_NAMES; so does a query parameter of such a name.
"""

import logging
import re
from collections.abc import Iterator
from functools import cache
from traceback import format_exception

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

SECRET_NAMES = ("key", "token", "ticket")
MASK = "***"
# Stands in a page's address for the key that its link had: servers log addresses, and browsers pass them on as Referer.
IN_SESSION = "link"
_IN_QUERY = re.compile(rf"(?i)\b((?:{'|'.join(SECRET_NAMES)})(?:=|%3D))[^&\s\"'<>]+")


def masked(text: str) -> str:
    """The text with `***` for the rest of each path, and the value of each query parameter, that holds a key."""
    return _IN_QUERY.sub(rf"\1{MASK}", _without_paths(text))


@cache
def secret_prefixes() -> tuple[str, ...]:
    """What the paths with keys begin with, such as `team/join/`; all that follows is masked, also where the rest of the
    link is broken and no route takes it."""
    urlconfs = (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF, settings.CONSOLE_URLCONF)
    prefixes = {route.partition("(?P<")[0] for urlconf in urlconfs for route in _routes_with_keys(urlconf)}
    return tuple(sorted(re.sub(r"\\(.)", r"\1", prefix) for prefix in prefixes))


class SecretLinkFilter(logging.Filter):
    """Masks keys in the message of a record and in its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = masked(record.getMessage()), ()
        except (TypeError, ValueError, KeyError):
            # Arguments that do not fit the message: the handler reports that, and goes on.
            return True
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        return True


def _without_paths(text: str) -> str:
    """As long as the routes are being loaded no request is served, and no path logged."""
    if "/" not in text or not apps.ready:
        return text
    try:
        return _secret_paths().sub(rf"\1{MASK}", text)
    except (ImportError, ImproperlyConfigured):
        return text


@cache
def _secret_paths() -> re.Pattern[str]:
    """Slashes may be doubled or quoted: a key in a mistyped link is as good."""
    prefixes = (r"(?:/|%2F)+".join(map(re.escape, prefix.strip("/").split("/"))) for prefix in secret_prefixes())
    return re.compile(rf"(?i)((?:/|%2F)(?:{'|'.join(prefixes)})(?:/|%2F))[^?#&\s\"'<>]+")


def _routes_with_keys(urlconf: str) -> Iterator[str]:
    for route in _routes(get_resolver(urlconf), ""):
        if any(f"(?P<{name}>" in route for name in SECRET_NAMES):
            yield route


def _routes(resolver: URLResolver, before: str) -> Iterator[str]:
    """Each route as one regular expression without anchors."""
    for entry in resolver.url_patterns:
        route = before + entry.pattern.regex.pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry, route)
