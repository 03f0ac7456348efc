"""What tenancy adds to a request; signing up; making a chain among few and among many; asking 1,000 what they lack.

Beside it stands django-tenants as it comes, on the same database: its middleware, its backend, its `migrate` and its
`clone_schema`. Its schemas belong to the login and have no roles.
"""

import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection, connections, router
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django_tenants import clone
from django_tenants.migration_executors.base import run_migrations
from django_tenants.postgresql_backend import base as stock_backend

from tenants.host_cache import host_cache
from tenants.models import Chain
from tenants.provisioning import create_chain
from tenants.provisioning.versions import chains_behind
from tests.benchmarks.rows import ALLOWED, Row, best_ms, one_ms, row

REQUESTS, MADE, STOCK_CHECKED = 1_000, 5, 3
FEW, MANY, MOST = 10, 300, 1_000
ALLOWED_MS, ALLOWED_SIGN_UP_MS = 0.3, 2_000
OURS, STOCK = "tenants.middleware.ChainMiddleware", "django_tenants.middleware.main.TenantMainMiddleware"


def run() -> Iterator[Row]:
    with _stock_backend():
        _fill_up(FEW)
        yield from _requests()
        yield from _signing_up()
        yield from _provisioning(FEW)
        _fill_up(MANY)
        yield from _provisioning(MANY)
        _fill_up(MOST)
        yield from _nothing_to_migrate()


def _fill_up(chains: int) -> None:
    sys.stderr.write(f"Making chains up to {chains} ...\n")
    for number in range(Chain.objects.count(), chains):
        create_chain(schema=f"filler{number}", name="Filler")


# --- requests


def view(_request: HttpRequest) -> HttpResponse:
    """As little as a page can do: one query, which also makes the session's settings be sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok")


urlpatterns = [path("", view)]


def _requests() -> Iterator[Row]:
    host_cache.find_chain("filler8.localhost")
    while not host_cache.is_trusted():
        time.sleep(0.01)
    for name, hosts in (("", ["filler8"]), (" that is of another chain than the one before", ["filler8", "filler9"])):
        bare, ours, stock = (statistics.median(times) for times in _timed(hosts))
        added = f"Tenancy, added to a request{name}"
        yield row(added, ours - bare, "ms", than="django-tenants' middleware", alternative=stock - bare)
        yield row(added, ours - bare, "ms", than=ALLOWED, alternative=ALLOWED_MS)
        yield row(f"A view of one query{name}", ours, "ms", than="the bare view", alternative=bare)


@override_settings(ROOT_URLCONF=__name__, PUBLIC_SCHEMA_URLCONF=__name__)
def _timed(hosts: list[str]) -> tuple[list[float], ...]:
    """Milliseconds of each request, bare, with ours and with the stock middleware, taken in turn."""
    kinds = [_handler([]), _handler([OURS]), _handler([STOCK])]
    times: tuple[list[float], ...] = ([], [], [])
    requests = RequestFactory()
    for number in range(REQUESTS):
        # Twice in a row, so that the one before is of the same kind; the second counts.
        for kept, handle in zip(times, kinds, strict=True):
            for host in (hosts[number % len(hosts)], hosts[(number + 1) % len(hosts)]):
                request = requests.get("/", headers={"host": f"{host}.localhost"})
                took = one_ms(partial(handle, request))
            kept.append(took)
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    return times


def _handler(middleware: list[str]) -> Callable[[WSGIRequest], Any]:
    """A whole request, its end too, where ours leaves the chain."""
    with override_settings(MIDDLEWARE=middleware):
        get_response = WSGIHandler().get_response

    def handle(request: WSGIRequest) -> None:
        response = get_response(request)
        response.close()
        if response.status_code != HTTPStatus.OK:
            raise RuntimeError(f"A request through {middleware} was answered with {response.status_code}.")

    return handle


# --- signing up


def _signing_up() -> Iterator[Row]:
    took = statistics.median(one_ms(partial(_sign_up, number)) for number in range(MADE))
    # The last request left the connection in its chain.
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    name = "From the sign-up's button to the own overview page"
    yield row(name, took, "ms", than=ALLOWED, alternative=ALLOWED_SIGN_UP_MS)


def _sign_up(number: int) -> None:
    """Each request that a browser makes on the way."""
    browser = Client(headers={"host": "localhost"})
    form = {"name": "Signed up", "address": f"signed-up-{number}", "country": "CN", "email": "anna@signed.test"}
    response = browser.post("/sign-up/", {**form, "token": str(uuid.uuid4()), "password": "seven quiet herons"})
    while response.status_code == HTTPStatus.FOUND:
        there = urlsplit(response.headers["Location"])
        browser.defaults["HTTP_HOST"] = there.netloc or browser.defaults["HTTP_HOST"]
        response = browser.get(f"{there.path}?{there.query}")
    if response.status_code != HTTPStatus.OK or response.request["PATH_INFO"] != "/repurchase/":
        raise RuntimeError(response.content.decode())


# --- provisioning


def _provisioning(chains: int) -> Iterator[Row]:
    ours = _median_ms(lambda name: create_chain(schema=f"made{name}", name="Made"), chains)
    migrated = _median_ms(_migrate_stock, chains)
    cloned = _median_ms(_clone_stock, chains)
    for than, alternative in (("migrate", migrated), ("clone_schema", cloned)):
        name = f"Making a chain beside {chains} others"
        yield row(name, ours, "ms", than=f"django-tenants' {than}", alternative=alternative)


def _median_ms(make: Callable[[str], object], chains: int) -> float:
    return statistics.median(one_ms(partial(make, f"{chains}x{number}")) for number in range(MADE))


@contextmanager
def _stock_backend() -> Iterator[None]:
    """django-tenants' own backend on the same database, as a second alias that it takes for its only one."""
    ours = connections.databases["default"]
    connections.databases["stock"] = {**ours, "ENGINE": "django_tenants.postgresql_backend", "OPTIONS": {}}
    try:
        yield
    finally:
        connections["stock"].close()
        del connections.databases["stock"]


class _ToStock:
    """Rows that migrations write go where their tables are."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        return "stock"

    db_for_write = db_for_read


@contextmanager
def _stock() -> Iterator[None]:
    with (
        override_settings(TENANT_DB_ALIAS="stock"),
        patch.object(stock_backend, "EXTRA_SEARCH_PATHS", ["ext"]),
        patch.object(router, "routers", [_ToStock(), *router.routers]),
        patch.object(clone, "connection", connections["stock"]),
    ):
        yield


def _migrate_stock(name: str) -> None:
    with connections["stock"].cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS stock{name}")
    _run_stock_migrations(f"stock{name}")


def _run_stock_migrations(schema: str) -> None:
    names = ("app_label", "migration_name", "plan", "fake", "fake_initial", "run_syncdb", "prune", "check_unapplied")
    options = dict.fromkeys((*names, "force_color", "no_color", "interactive"))
    with _stock():
        run_migrations([], {**options, "database": "stock", "verbosity": 0, "skip_checks": True}, "bench", schema)


def _clone_stock(name: str) -> None:
    """From a schema that `_migrate_stock` made."""
    with _stock():
        clone.CloneSchema().clone_schema(f"stock{FEW}x0", f"cloned{name}")


# --- migrations


def _nothing_to_migrate() -> Iterator[Row]:
    ours = best_ms(chains_behind, 3)
    schemas = [f"stock{FEW}x{number}" for number in range(STOCK_CHECKED)]
    each = statistics.median(one_ms(partial(_run_stock_migrations, schema)) for schema in schemas)
    name = f"Finding nothing to migrate in {Chain.objects.count():,} chains"
    yield row(name, ours / 1000, "s", than=ALLOWED, alternative=5.0)
    yield row(
        name,
        ours / 1000,
        "s",
        than=f"django-tenants' migrate, by {STOCK_CHECKED} of them",
        alternative=each * MOST / 1000,
    )
