"""Whatever an address or a form holds, no page of any site fails: it answers in words, or is not there."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.urls import get_resolver
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st
from pytest_django import Settings

from core.accounts.models import User
from core.stores.models import Store, StoreAccess
from tenants.console.site import console
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.postgresql_backend.session import as_chain_connection
from tests.isolation.test_requests import acme_objects, patterns  # noqa: F401 - a fixture
from tests.plugins.chains import ChainClient, make_user, outside_chains

# As they stand in an address. What a database, a number, a date, an identifier or an encoding cannot be.
NONSENSE = [
    "%00", "a%00b", "%FF%FE", "%ED%A0%80", "%", "%0D%0A", "%E2%80%AE", "%F0%9F%92%87", "", "%20", "0", "-1", "1",
    str(2**31), str(2**63), str(-(2**63) - 1), str(10**30), "9" * 3000, "1e400", "NaN", "Infinity", "0x10", "1_0",
    "1.5", "%D9%A1", "%C2%B2", "0000-01-01", "99999-01-01", "2024-13-45", "2024-02-30", "0001-01-01", "9999-12-31",
    "9999-12", "0000-00", "99999-99", "2024-99", "00000000-0000-0000-0000-000000000000", "not-a-uuid", "x" * 3000,
    "%C3%A9" * 600,
    "[]", "%7B%7D", "null", "true", "'", "%22", "..%2F..", "%3Cb%3E", "__all__", "a,b", ",", ":", ".", "-", "@", "=1",
    "%2C".join(["1", str(10**30)]), "//evil.example", "http%3A%2F%2F%5B", "javascript:x", "%5B", "%5C", "%25%64",
]  # fmt: skip
# What pages are asked by beside what they read themselves: the lists of the console.
OF_LISTS = ["q", "o", "p", "all", "e", "_facets", "_popup", "_to_field", "next", "page"]
# Uploads, what is signed, and what takes JSON.
READ_BY_THEMSELVES = ("/imports/new/", "/console/restoration/add/", "/billing/webhook/", "/api/")
# Of each site; the same ones each time, unless their number is given: then it looks for new ones.
EXAMPLES = int(os.environ.get("NONSENSE_EXAMPLES", "60"))
ROAMS = "NONSENSE_EXAMPLES" in os.environ
SECRET = {"token": "forged", "key": "forged"}


@dataclass(frozen=True)
class Site:
    """One of the three sites as someone sees it."""

    host: str
    cookies: SimpleCookie
    urlconf: str
    objects: dict[str, Any]

    def paths(self) -> list[str]:
        return sorted({_plain(path) for path, _entry in patterns(get_resolver(self.urlconf))})


def _plain(path: str) -> str:
    """Regular expressions as paths."""
    if path.startswith("^account/password/new/"):
        return "account/password/new/<str:uidb36>-<str:key>/"
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<path:\1>", path).strip("^$")


@contextmanager
def noting_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    seen: set[str] = set()
    with monkeypatch.context() as patch:
        for name in ("get", "getlist", "__getitem__", "__contains__"):
            patch.setattr(QueryDict, name, _noting(getattr(QueryDict, name), seen))
        yield seen


def _noting(plain: Callable[..., Any], seen: set[str]) -> Callable[..., Any]:
    def noted(form: Any, key: Any, *rest: Any, **more: Any) -> Any:
        seen.add(str(key))
        return plain(form, key, *rest, **more)

    return noted


def filled(path: str, objects: dict[str, Any], nonsense: str | None = None) -> str:
    """With an object wherever one is named, or with nonsense in each place."""

    def one(match: re.Match[str]) -> str:
        name = match[1].split(":")[-1]
        return quote(str({**SECRET, **objects}.get(name, "1"))) if nonsense is None else nonsense

    return "/" + re.sub(r"<([\w:]+)>", one, path)


@contextmanager
def undone() -> Iterator[None]:
    """Nothing of it is kept."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    # Where the session stands was set back too.
    as_chain_connection(connection().connection).forget_settings()


def ask(site: Site, method: str, target: str, form: str = "", **headers: str) -> Any:
    """By someone whose session is the same each time."""
    client = ChainClient(raise_request_exception=False, headers={"host": site.host})
    client.cookies = site.cookies.copy()
    path, _mark, query = target.partition("?")
    inside = site.urlconf == settings.ROOT_URLCONF
    with undone(), nullcontext() if inside else outside_chains():
        if method == "get":
            response = client.get(path, QUERY_STRING=query, **headers)
        else:
            kind = "application/x-www-form-urlencoded"
            response = client.post(path, form, content_type=kind, QUERY_STRING=query, **headers)
        if response.streaming:
            b"".join(response.streaming_content)
    return response


def told(site: Site, method: str, target: str, form: str = "") -> None:
    response = ask(site, method, target, form)
    error = getattr(response, "exc_info", None)
    assert response.status_code < 500 or response.status_code == 503, (
        site.urlconf, method, target[:300], form[:300], response.status_code, error and repr(error[1]),
    )  # fmt: skip


@pytest.fixture
def folders(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DNS_SERVERS, settings.DNS_PORT = ["127.0.0.1"], 9
    settings.CONSOLE_NEEDS_SECOND_FACTOR = False


SITES = {
    "owner": ("acme.localhost", "config.urls_tenant"),
    "front desk": ("acme.localhost", "config.urls_tenant"),
    "stranger": ("acme.localhost", "config.urls_tenant"),
    "stranger at the platform": ("localhost", "config.urls_public"),
    "stranger at the console": ("console.localhost", "config.urls_console"),
    "operator": ("console.localhost", "config.urls_console"),
}


@pytest.fixture(params=SITES)
def site(
    request: pytest.FixtureRequest,
    chain: Chain,
    folders: None,
    acme_objects: dict[str, Any],  # noqa: F811
    operator: User,
) -> Site:
    objects = {**acme_objects, "object_id": chain.pk, "content_type_id": 1, "app_label": "tenants", "month": "2025-03"}
    host, urlconf = SITES[request.param]
    client = ChainClient(headers={"host": host})
    if request.param == "owner":
        client.force_login(acme_objects["user"])
    elif request.param == "front desk":
        user = make_user("desk@acme.test", role=User.Role.FRONT_DESK)
        StoreAccess.objects.create(user=user, store=Store.objects.get(pk=objects["store_id"]))
        client.force_login(user)
    elif request.param == "operator":
        with outside_chains():
            client.force_login(operator)
    return Site(host, client.cookies, urlconf, objects)


def names_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], list[str]]:
    """By method and path, what the view reads of its query or form."""
    found = {}
    for path, method in itertools.product(site.paths(), ("get", "post")):
        with noting_names(monkeypatch) as seen:
            ask(site, method, filled(path, site.objects), "unread=1")
        names = [*seen, *OF_LISTS]
        if site.urlconf == "config.urls_console":
            names += filters_of(path)
        found[method, path] = sorted({*names} - {"csrfmiddlewaretoken"})
    return found


def filters_of(path: str) -> list[str]:
    for model, page in console._registry.items():
        if path == f"{model._meta.app_label}/{model._meta.model_name}/":
            named = [getattr(one, "parameter_name", one) for one in page.list_filter]
            fields = [field.name for field in model._meta.concrete_fields]
            ways = ("__exact", "__in", "__gte", "__isnull", "__icontains", "")
            return [f"{name}{way}" for name in map(str, [*named, *fields]) for way in ways]
    return []


@pytest.mark.slow
def test_no_page_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    names = names_of(site, monkeypatch)
    for (method, path), known in names.items():
        refuses_nul(site, method, path, known)
    places = st.sampled_from([(method, path, name) for (method, path), known in names.items() for name in known])
    texts = st.text(max_size=20).map(lambda text: quote_from_bytes(text.encode("utf-8", "surrogatepass")))
    values = st.sampled_from(NONSENSE) | texts

    @run(max_examples=EXAMPLES, derandomize=not ROAMS)
    @given(places, values, st.lists(values, max_size=3), st.sampled_from(["query", "form", "path", "both"]))
    def holds(place: tuple[str, str, str], value: str, others: list[str], where: str) -> None:
        method, path, name = place
        more = [f"{quote(other)}={text}" for other, text in zip(names[method, path], others, strict=False)]
        given = "&".join([*more, f"{quote(name)}={value}"])
        target = filled(path, site.objects, value if where == "path" and value.strip("./%20") else None)
        query = f"?{given}" if where in {"query", "both"} else ""
        told(site, method, target + query, given if where in {"form", "both"} else "")

    holds()


def refuses_nul(site: Site, method: str, path: str, names: list[str]) -> None:
    """In each place of an address it is not found, in a query it is refused, and so it is in a form."""
    if "<" in path:
        assert ask(site, method, filled(path, site.objects, "%00")).status_code == 404, (method, path)
    target, form = filled(path, site.objects), "&".join(f"{quote(name)}=a%00" for name in names)
    assert ask(site, method, f"{target}?{form}").status_code == 400, (method, path)
    if method == "post" and not target.startswith(READ_BY_THEMSELVES):
        assert ask(site, method, target, form).status_code == 400, path
