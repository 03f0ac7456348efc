"""Pages of reports with all the charts that they load."""

import gc
import html
import re
from collections.abc import Iterator
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
ALLOWED_LIST_MS = 100
PERIODS = {"a calendar year": "from=2025-01-01&to=2026-01-01", "a year from 15 March": "from=2024-03-15&to=2025-03-15"}


def pages(chain: Chain) -> Iterator[Row]:
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
    yield _page(chain, browser, "Overview", f"/overview/?{year}")
    yield _page(chain, browser, "Table of places", f"/stores/regions/?{year}", has_charts=False)
    yield _page(chain, browser, "Cohorts page", f"/cohorts/?{year}&by=none")


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


def _page(chain: Chain, browser: Browser, name: str, address: str, *, has_charts: bool = True) -> Row:
    def forget() -> None:
        # A request leaves its chain at its end.
        with tenant_context(chain):
            forget_counts()

    charts: list[int] = []
    first = spent(lambda: charts.append(load(browser, address)), times=1, before=forget)
    if not charts[0] and has_charts:
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
