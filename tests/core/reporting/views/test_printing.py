"""A report and a store to print: all of it on one page."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import open_sisters, text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
PRINTED = {**YEAR, "print": "1"}
pytestmark = pytest.mark.usefixtures("english", "salon")
each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.code)


@each_metric
def test_a_report_is_there_with_all_of_it(hq_client: ChainClient, metric: Metric) -> None:
    for by in ("none", "city_tier", "store"):
        response = hq_client.get(f"/{metric.slug}/", {**PRINTED, "by": by})
        page, text = response.content.decode(), text_of(response)
        assert response.status_code == 200, by
        # Nothing is left to be fetched or opened, and nothing leads through the site.
        assert "hx-get" not in page
        assert 'class="sidebar"' not in page
        assert not re.search(r"<details(?![^>]* open)", page)
        assert f"{metric.title}, version {metric.version}" in text
        assert "Acme Beauty · 2025" in text
        assert "data complete to" in text
        on_screen = text_of(hq_client.get(f"/{metric.slug}/", {**YEAR, "by": by}))
        for note in re.findall(r"<li>([^<]+)</li>", page):
            assert note.split()[0] in on_screen


def test_charts_are_drawn_on_the_page(hq_client: ChainClient) -> None:
    page = hq_client.get("/repurchase/", {**PRINTED, "by": "city_tier"}).content.decode()
    drawn = [title for title in ("By city tier", "Trailing twelve months") if f"<h2>{title}</h2>" in page]
    assert drawn == ["By city tier", "Trailing twelve months"]
    assert page.count("<svg") >= 1


def test_a_chart_names_the_marks_it_has(hq_client: ChainClient) -> None:
    open_sisters()
    asked = {**PRINTED, "by": "city_tier", "compare": "year_before"}
    rates, sums = (text_of(hq_client.get(f"/{slug}/", asked)) for slug in ("repurchase", "volumes"))
    assert "Dot: rate with its 95 % interval. Diamond: adjusted for whom they serve. Bar: 2024." in rates
    assert "Bar: 2024." in sums
    assert "Dot:" not in sums


def test_why_groups_differ_is_printed_with_the_two_that_were_chosen(hq_client: ChainClient) -> None:
    open_sisters()
    page = hq_client.get("/repurchase/", {**PRINTED, "by": "region", "one": "华北", "other": "(chain)"})
    text = text_of(page)
    assert "Why they differ" in text
    assert re.search("华北 is [0-9.]+ points below the chain", text)
    assert "<form" not in page.content.decode()
    refused = hq_client.get("/repurchase/", {**PRINTED, "by": "region", "one": "nowhere", "other": "(chain)"})
    assert "No client of the period is in “nowhere”" in text_of(refused)
    # Of clients who may stand in several groups there is no such section.
    assert "Why they differ" not in text_of(
        hq_client.get("/repurchase/", {**PRINTED, "by": "category", "compare": "none"})
    )


def test_pairs_are_printed_where_they_differ_and_exported_all(hq_client: ChainClient) -> None:
    open_sisters()
    text = text_of(hq_client.get("/repurchase/", {**PRINTED, "by": "city_tier"}))
    assert "First tier and Third tier: +25.0 points, p" in text
    alike = "First tier and Second tier: +10.0 points, p = 0.119"
    assert alike not in text
    assert alike in hq_client.get("/repurchase/export.csv", {**YEAR, "by": "city_tier"}).content.decode()


def test_all_groups_are_there_not_a_page_of_them(hq_client: ChainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.reporting.views.overview.ROWS", 1)
    for name in Store.objects.values_list("name", flat=True):
        assert name in text_of(hq_client.get("/repurchase/", {**PRINTED, "by": "store"}))


@each_metric
def test_a_manager_prints_the_own_store(manager_client: ChainClient, metric: Metric) -> None:
    response = manager_client.get(f"/stores/S001/{metric.slug}/", PRINTED)
    page, text = response.content.decode(), text_of(response)
    assert response.status_code == 200
    assert "hx-get" not in page
    assert Store.objects.get(code="S001").name in text
    assert f"{metric.title}, version {metric.version}" in text
    # Clients have a file of their own.
    assert "Clients of this store" not in text
    assert manager_client.get(f"/stores/S002/{metric.slug}/", PRINTED).status_code in (403, 404)
    assert manager_client.get(f"/{metric.slug}/", PRINTED).status_code == 403


def test_pages_lead_there_and_back(hq_client: ChainClient) -> None:
    for path in ("/repurchase/", "/stores/S001/"):
        (link,) = re.findall(r'href="([^"]*print=1)"', hq_client.get(path, YEAR).content.decode())
        page = hq_client.get(path + link.replace("&amp;", "&"))
        assert page.status_code == 200
        (back,) = re.findall(r'class="button" href="([^"]*)"', page.content.decode())
        assert hq_client.get(back.replace("&amp;", "&")).status_code == 200
        assert "print=1" not in back


def test_a_period_of_nobody_prints_as_such(hq_client: ChainClient) -> None:
    text = text_of(hq_client.get("/repurchase/", {"from": "2010-01-01", "to": "2010-02-01", "print": "1"}))
    assert "There are no clients in this period." in text


def test_bad_questions_and_methods_are_refused(hq_client: ChainClient) -> None:
    assert hq_client.get("/repurchase/", {"print": "1", "by": "nonsense"}).status_code == 400
    assert hq_client.post("/repurchase/?print=1").status_code == 405


def test_queries_are_bounded(hq_client: ChainClient, manager_client: Any) -> None:
    for client, path in ((hq_client, "/repurchase/"), (manager_client, "/stores/S001/")):
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(path, {**PRINTED, "by": "store"})
        assert len(captured) <= 90, path
