"""Who is behind a figure."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.clients.models import Client
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
