"""Pages of reports with all the charts that they load."""

import gc
import html
import re
from collections.abc import Iterator, Mapping
from functools import partial

from django.core.cache import cache
from django.test import Client as Browser
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.followup.absence import absence_of
from core.reporting.question import BREAKDOWNS
from core.stores.models import Store
from core.visits.services.visits import local_today
from tenants.models import Chain
from tests.benchmarks.forgetting import forget_counts
from tests.benchmarks.rows import ALLOWED, Row, row
from tests.benchmarks.spending import spent

LOADED = re.compile(r'hx-get="([^"]+)"\s+hx-trigger="(?:load|revealed)"')
ALLOWED_LIST_MS, ALLOWED_PAGE_MS = 100, 150
# What headquarters see first.
OF_HEADQUARTERS = {
    "Overview": "/overview/?",
    "Table of places": "/stores/regions/?",
    "Cohorts page": "/cohorts/?by=none&",
}
PERIODS = {"a calendar year": "from=2025-01-01&to=2026-01-01", "a year from 15 March": "from=2024-03-15&to=2025-03-15"}


def pages(chain: Chain, by_duckdb: Mapping[str, float]) -> Iterator[Row]:
    """`by_duckdb`: milliseconds for the figures of the pages of headquarters."""
    browser = Browser(headers={"host": f"{chain.schema_name}.localhost"})
    with tenant_context(chain):
        browser.force_login(User.objects.create(email="hq@bench.test", role=User.Role.HQ))
    # As the web server does.
    gc.collect()
    gc.freeze()
    load(browser, "/repurchase/")
    for name, period in PERIODS.items():
        for by in BREAKDOWNS:
            yield _page(chain, browser, f"Repurchase page by {by}, {name}", f"/repurchase/?{period}&by={by}")
        yield _page(chain, browser, f"Return page by store, {name}", f"/return-within/?{period}&by=store&within=90")
    year = PERIODS["a calendar year"]
    for name, address in OF_HEADQUARTERS.items():
        yield from _alone(chain, browser, name, f"{address}{year}", by_duckdb[name])
    yield _page(chain, browser, "Overview", f"{OF_HEADQUARTERS['Overview']}{year}")
    yield _page(chain, browser, "Cohorts page", f"{OF_HEADQUARTERS['Cohorts page']}{year}")


def follow_up(chain: Chain) -> Iterator[Row]:
    """The list of a store's clients who have not come back."""
    browser = Browser(headers={"host": f"{chain.schema_name}.localhost"})
    with tenant_context(chain):
        browser.force_login(User.objects.get(email="hq@bench.test"))
        store = Store.objects.order_by("pk").first()
        if store is None:
            raise AssertionError("The chain has no store.")
        absent = len(absence_of(store, today=local_today(store)).clients)
        if not absent:
            raise AssertionError("Nobody stays away.")
        cache.clear()
    address = f"/follow-up/stores/{store.code}/"
    first = spent(partial(_get, browser, address), times=1)
    again = spent(partial(_get, browser, address), times=20)
    name = f"Follow-up list of a store ({absent:,} clients overdue)"
    yield row(name, again.best, "ms", than=ALLOWED, alternative=ALLOWED_LIST_MS, cpu=again.cpu)
    yield row(f"{name}, first in an hour", first.best, "ms", than="again", alternative=again.best, cpu=first.cpu)


def _alone(chain: Chain, browser: Browser, name: str, address: str, duckdb_ms: float) -> Iterator[Row]:
    """The page without the charts that it loads after itself."""
    first = spent(partial(_get, browser, address), times=3, before=partial(_forget, chain))
    again = spent(partial(_get, browser, address), times=20)
    than = "DuckDB, counts of both years alone"
    name = f"{name}, without its charts"
    yield row(f"{name}, first time", first.best, "ms", than=than, alternative=duckdb_ms, cpu=first.cpu)
    slowest = again.slowest_but_five_percent
    yield row(
        f"{name}, again, 95th percentile", slowest, "ms", than=ALLOWED, alternative=ALLOWED_PAGE_MS, cpu=again.cpu
    )


def _forget(chain: Chain) -> None:
    """A request leaves its chain at its end."""
    with tenant_context(chain):
        forget_counts()


def _page(chain: Chain, browser: Browser, name: str, address: str) -> Row:
    charts: list[int] = []
    first = spent(lambda: charts.append(load(browser, address)), times=1, before=partial(_forget, chain))
    if not charts[0]:
        raise AssertionError(f"{address} loads no charts.")
    again = spent(partial(load, browser, address), times=20)
    return row(
        f"{name}, with its charts, first time ({charts[0]} charts)",
        first.best,
        "ms",
        than="again, 95th percentile",
        alternative=again.slowest_but_five_percent,
        cpu=first.cpu,
    )


def load(browser: Browser, address: str) -> int:
    """The page, then each chart that it loads, as a browser does; how many those are."""
    charts = LOADED.findall(_get(browser, address))
    for chart in charts:
        _get(browser, html.unescape(chart), **{"HX-Request": "true"})
    return len(charts)


def _get(browser: Browser, address: str, **headers: str) -> str:
    response = browser.get(address, headers=headers)
    if response.status_code != 200:
        raise AssertionError(f"{address}: {response.status_code}")
    return response.content.decode()
