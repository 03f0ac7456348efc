"""A metric of another unit, a number of clients, on everything that shows metrics."""

import csv
import io
from datetime import date

import numpy as np
import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from core.reporting import metrics
from core.reporting.cells import Cells, Tally
from core.reporting.counting import FirstDays, Selection
from core.reporting.metrics.base import Estimate, Metric
from core.reporting.metrics.units import COUNT
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.stores.models import Store
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.salons import text_of

URL = "/return-within/"
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"hx-request": "true"}
pytestmark = pytest.mark.usefixtures("english")


class ClientsInPeriod(Metric):
    code = "clients_in_period"
    slug = "return-within"
    version = 1
    kind = "count"
    unit = COUNT
    title = value_title = "Clients"  # type: ignore[assignment]
    definition = ("Clients with a day in the period.",)  # type: ignore[assignment]
    counts = ("clients",)

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:
        return {"clients": np.ones(len(first.since), np.bool_)}

    def estimate(self, cells: Cells, within: int | None) -> Estimate:
        clients = int(cells["clients"].sum())
        return Estimate(clients=clients, value=clients, ci95=None, counts={}, is_estimated=False)

    def summary(self, question: Question) -> str:
        return "Clients with a day in the period."

    def headline(self, question: Question, total: Estimate, period: Period) -> str:
        return f"clients {period.phrase}."


@pytest.fixture(autouse=True)
def metric(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of another one, whose address it takes."""
    found = ClientsInPeriod()
    monkeypatch.setitem(metrics.METRICS, found.code, found)
    monkeypatch.setitem(metrics.BY_SLUG, found.slug, found)


def test_the_page_reads_numbers_and_no_rates(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(URL, {**YEAR, "by": "store"}))
    assert "120 clients in 2025. That is the same as in 2024." in text
    assert "上海静安店 40 0 −18 to +18" in text
    assert "%" not in text.split("Data complete")[0].split("clients in 2025")[1].replace("95 %", "")
    assert "small sample" not in text_of(hq_client.get(URL, {**YEAR, "from": "2025-12-31"}))


def test_a_change_is_a_number_of_clients(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(URL, {"from": "2025-01-01", "to": "2025-12-01"}))
    assert "clients from" in text
    assert "points" not in text


def test_charts_have_numbers_on_their_axes(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    groups = hq_client.get(f"{URL}charts/groups/", YEAR, headers=HTMX).content.decode()
    assert "<svg" in groups
    assert "%" not in "".join(part.split("<")[0] for part in groups.split(">"))
    trend = text_of(hq_client.get(f"{URL}charts/trend/", YEAR, headers=HTMX))
    assert "Dec 2025 40" in trend


def test_the_list_of_clients_has_a_general_title(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    content = hq_client.get(f"{URL}clients/", YEAR).content.decode()
    assert "<h1>Counted clients</h1>" in content
    assert "Who came back" not in content


def test_the_page_of_a_store_reads_numbers(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(manager_client.get(f"/stores/S001{URL}", YEAR))
    assert "40 clients in 2025." in text
    assert "This store 40 0" in text


def test_files_hold_numbers(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = hq_client.get(f"{URL}export.csv", YEAR).content.decode("utf-8-sig")
    head, first, *_rest = csv.reader(io.StringIO(text))
    assert head == [
        "Key", "City tier", "Clients", "The period before", "Change", "Change, low", "Change, high", "Small sample",
    ]  # fmt: skip
    assert first == ["一线", "First tier", "40", "40", "0", "-17.530451", "17.530451", ""]
    sheet = load_workbook(io.BytesIO(hq_client.get(f"{URL}export.xlsx", YEAR).content)).active
    assert sheet is not None
    assert sheet["C2"].value == 40
    assert sheet["C2"].number_format == "General"


def test_the_command_prints_it(salon: dict[str, Store]) -> None:
    out = io.StringIO()
    arguments = ("--chain", "acme", "--from", str(date(2025, 1, 1)), "--to", "2026-01-01", "--by", "city_tier")
    with outside_chains():
        call_command("report", "clients_in_period", *arguments, stdout=out)
    assert out.getvalue().splitlines()[-1].split() == ["Total", "120", "120"]
