"""The list as a file: what its filters leave, within rights, safe in a spreadsheet, and traced."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from core.accounts.models import User
from core.accounts.rights import Right
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.followup.models import Contact
from core.stores.models import Store
from tests.core.followup.conftest import Come
from tests.plugins.chains import ChainClient

pytestmark = pytest.mark.usefixtures("english")
CSV, XLSX = "/follow-up/csv/S001/", "/follow-up/xlsx/S001/"


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_csv_file_has_what_the_filters_leave(come: Come, five: list[Client], manager_client: ChainClient) -> None:
    come("7", 100, 70, 40, amount=600)
    headings, *rows = rows_of(manager_client.get(f"{CSV}?sort=-overdue"))
    assert len(rows) == 6
    first = dict(zip(headings, rows[0], strict=True))
    assert first["Client number"] == "7"
    assert first["Phone"] == "13800000007"
    assert (first["Last visit"], first["Usual interval (days)"], first["Days overdue"]) == ("2025-05-21", "30", "10")
    assert (first["Segment"], first["Net spend, last 365 days (CNY)"]) == ("Mid value", "1800")
    assert (first["Last service"], first["Status"]) == ("Facial", "To contact")
    assert len(rows_of(manager_client.get(f"{CSV}?segment=potential"))) == 6


def test_a_workbook_has_the_same(
    five: list[Client], store: Store, manager_user: User, manager_client: ChainClient, today: date
) -> None:
    note = "=1+1\x0b"
    Contact.objects.create(client=five[0], store=store, day=today, kind="called", note=note)
    Client.objects.filter(pk=five[0].pk).update(name="=HYPERLINK()")
    answer = manager_client.get(f"{XLSX}?state=contacted")
    headings, row = load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)  # type: ignore[union-attr]
    cells = dict(zip(headings, row, strict=True))
    assert (cells["Name"], cells["Note"]) == ("'=HYPERLINK()", "'=1+1")
    assert (cells["Days overdue"], cells["Contact"]) == (1, "Called")
    assert rows_of(manager_client.get(f"{CSV}?state=contacted"))[1][1] == "'=HYPERLINK()"


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_each_download_is_traced(five: list[Client], manager_client: ChainClient, address: str) -> None:
    manager_client.get(f"{address}?segment=potential")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.subject_type) == ("export", "follow_up")
    assert entry.after == {"store": "S001", "clients": 5, "filters": {"segment": "potential"}}


def test_without_the_right_to_see_clients_no_phone_is_shown(
    five: list[Client], manager_client: ChainClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = User.may
    monkeypatch.setattr(User, "may", lambda user, right: _not_clients(right) and may(user, right))
    assert "Phone" not in rows_of(manager_client.get(CSV))[0]
    for page in ("/follow-up/stores/S001/", f"/follow-up/clients/{five[0].pk}/", CSV):
        assert "13800000001" not in manager_client.get(page).content.decode()


def _not_clients(right: Right) -> bool:
    return right.code != "see_clients"
