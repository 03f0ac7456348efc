"""Who is behind a figure."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from core.accounts.models import User
from core.audit.declaration import Action as AuditAction
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.reporting import client_list as client_lists
from core.reporting.answers import answer
from core.reporting.client_list import client_list
from core.reporting.question import Question
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

URL = "/repurchase/clients/"
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize("scope", ["chain", "store"])
@pytest.mark.parametrize("basis", ["visit", "purchase"])
@pytest.mark.parametrize(
    "by", ["city_tier", "region", "city", "store", "category", "member_tier", "acquisition", "staff"]
)
def test_as_many_as_the_report_counts(chain: object, salon: dict[str, Store], by: Any, scope: Any, basis: Any) -> None:
    period: dict[str, Any] = {"start": date(2025, 1, 1), "end": date(2026, 1, 1), "scope": scope, "basis": basis}
    for group in answer(Question(by=by, **period)).groups:
        if by in {"acquisition", "staff"}:
            listed = client_list(Question(by=by, **period), group=group.key)
        else:
            listed = client_list(Question(**period, **{by: group.key}))
        assert (listed.clients, listed.repeats) == (group.clients, group.counts["repeat_clients"])


def test_tabs_keep_who_came_back_or_who_did_not(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    back = hq_client.get(URL, {**YEAR, "store": "S001", "back": "yes"})
    assert len(back.context["clients"].listed) == 24
    assert "not yet" not in text_of(back).replace("Not yet: 16", "")
    away = hq_client.get(URL, {**YEAR, "store": "S001", "back": "no"})
    assert len(away.context["clients"].listed) == 16
    assert all(client.back_day is None for client in away.context["clients"].listed)


@pytest.mark.parametrize("url", [URL, "/return-within/clients/"])
def test_the_metric_names_the_page(hq_client: ChainClient, salon: dict[str, Store], url: str) -> None:
    assert "<h1>Who came back</h1>" in hq_client.get(url, YEAR).content.decode()


def test_pages_go_on(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    refs = set()
    for page in ("1", "2", "3"):
        refs |= {client.ref for client in hq_client.get(URL, {**YEAR, "page": page}).context["clients"].listed}
    assert len(refs) == 120


def test_a_client_leads_to_the_visits(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    first = hq_client.get(URL, {**YEAR, "store": "S001"}).context["clients"].listed[0]
    text = text_of(hq_client.get(f"/clients/{first.client_id}/"))
    assert "2 visits" in text
    assert "5 Jan 2025" in text
    assert "补水护理" in text


def test_facts_that_are_gone_list_no_client(hq_user: User, salon: dict[str, Store]) -> None:
    year = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), store="S001")
    before = client_list(year)
    client = Client.objects.get(pk=before.listed[0].client_id)
    lines = [NewLine(amount=Decimal(10))]
    visit = record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 1, 1), lines=lines)
    assert client_list(year).clients == before.clients
    void_visit(acting_user=hq_user, visit_id=visit.pk)
    assert client_list(year) == before


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_the_list_is_taken_as_a_file_and_traced(
    hq_client: ChainClient, salon: dict[str, Store], extension: str
) -> None:
    page = hq_client.get(URL, {**YEAR, "back": "yes", "store": "S001"})
    address = f"{URL}export.{extension}"
    assert f'href="{address}?from=2025-01-01&amp;to=2026-01-01&amp;store=S001&amp;back=yes"' in page.content.decode()
    response = hq_client.get(address, {**YEAR, "back": "yes", "store": "S001"})
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert AuditEntry.objects.filter(action=AuditAction.EXPORTED).count() == 1
    rows = rows_of(response.content, extension)
    assert rows[0] == ["Number", "Client", "Store", "First day in the period", "Came back on", "Came back to"]
    listed = client_list(
        Question(start=date(2025, 1, 1), end=date(2026, 1, 1), store="S001"), back=True, page=None
    ).listed
    assert len(rows) == 1 + len(listed) == 25
    assert {row[0] for row in rows[1:]} == {client.ref for client in listed}
    assert rows[1][3] == listed[0].first_day.isoformat()


def test_a_manager_takes_the_list_of_the_own_store_alone(
    manager_client: ChainClient, other_client: ChainClient, anonymous_client: ChainClient, salon: dict[str, Store]
) -> None:
    response = manager_client.get("/stores/S001/clients/export.csv", YEAR)
    assert len(rows_of(response.content, "csv")) == 41
    assert manager_client.get("/stores/S002/clients/export.csv", YEAR).status_code == 404
    assert manager_client.get(f"{URL}export.csv", YEAR).status_code == 403
    assert anonymous_client.get(f"{URL}export.csv", YEAR).status_code == 302
    assert other_client.get("/stores/S001/clients/export.csv", YEAR).status_code in {302, 403, 404}
    assert manager_client.post("/stores/S001/clients/export.csv", YEAR).status_code == 405
    assert AuditEntry.objects.filter(action=AuditAction.EXPORTED).count() == 1


def test_a_list_that_is_too_long_for_a_file_names_the_mend(
    hq_client: ChainClient, salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_lists, "MOST_IN_A_FILE", 100)
    response = hq_client.get(f"{URL}export.csv", YEAR)
    assert response.status_code == 400
    assert "more than 100 clients. Choose a shorter period" in text_of(response)
    assert not AuditEntry.objects.filter(action=AuditAction.EXPORTED).exists()


def rows_of(content: bytes, extension: str) -> list[list[str]]:
    if extension == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [[cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in sheet.values]
