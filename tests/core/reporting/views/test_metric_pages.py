"""Every metric has its page, files, chart fragments, list of clients and page of a store: for whom may see them."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
PAGES = ("", "clients/", "export.csv", "export.xlsx", "charts/groups/", "charts/trend/")
NEW = [metric for code, metric in METRICS.items() if code not in ("repurchase_rate", "return_within")]
pytestmark = pytest.mark.usefixtures("english")
each_metric = pytest.mark.parametrize("metric", NEW, ids=lambda metric: metric.code)


@each_metric
def test_headquarters_sees_all_of_it(hq_client: ChainClient, salon: dict[str, Store], metric: Metric) -> None:
    for page in PAGES:
        assert hq_client.get(f"/{metric.slug}/{page}", YEAR).status_code == 200, page
    for by in ("none", "store", "category", "member_tier", "acquisition", "staff"):
        assert hq_client.get(f"/{metric.slug}/", {**YEAR, "by": by}).status_code == 200, by
    text = text_of(hq_client.get(f"/{metric.slug}/", YEAR))
    assert str(metric.title) in text
    # One can go from each metric to every other.
    for other in METRICS.values():
        assert str(other.title) in text


@each_metric
def test_others_do_not(
    manager_client: ChainClient, anonymous_client: Any, salon: dict[str, Store], metric: Metric
) -> None:
    for page in PAGES:
        assert manager_client.get(f"/{metric.slug}/{page}", YEAR).status_code == 403, page
        assert anonymous_client.get(f"/{metric.slug}/{page}", YEAR).status_code == 302, page
    assert manager_client.get(f"/stores/S001/{metric.slug}/", YEAR).status_code == 200
    assert manager_client.get(f"/stores/S002/{metric.slug}/", YEAR).status_code in (403, 404)


@each_metric
def test_nothing_is_written_to_it(hq_client: ChainClient, salon: dict[str, Store], metric: Metric) -> None:
    for page in PAGES:
        assert hq_client.post(f"/{metric.slug}/{page}").status_code == 405, page


@each_metric
def test_queries_do_not_grow_with_groups(hq_client: ChainClient, salon: dict[str, Store], metric: Metric) -> None:
    def queries(by: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            hq_client.get(f"/{metric.slug}/", {**YEAR, "by": by})
        return len(captured)

    queries("none")
    assert queries("store") <= queries("none") + 6 < 60


def test_one_client_is_no_plural(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    day = {"from": "2025-01-05", "to": "2025-01-06", "store": "S001"}
    for slug, said in (
        ("repurchase", "of 1 client came back"),
        ("volumes", "visits of 1 client "),
        ("value-segments", "of 1 client on 5 Jan 2025 was"),
    ):
        assert said in text_of(hq_client.get(f"/{slug}/", day)), slug
