"""Reports that are prepared: whoever opens them waits for no counting."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from core.accounts.models import User
from core.overview import tasks
from core.reporting import grouped_counts
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.plugins.chains import ChainClient

HTMX = {"HX-Request": "true"}


def test_whoever_opens_them_finds_them_counted(
    salon: dict[str, Store], hq_client: ChainClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.prepare_reports()

    def counted(*_args: Any) -> None:
        raise AssertionError("It was counted again.")

    monkeypatch.setattr(grouped_counts, "_counted", counted)
    period = {"from": "2025-01-01", "to": "2026-01-01"}
    for path in (
        "/overview/",
        "/overview/trends/",
        "/stores/regions/",
        "/stores/regions/trends/",
        "/cohorts/",
        "/cohorts/charts/trend/",
    ):
        query = {**period, **({"by": "none"} if "cohorts" in path else {})}
        response = hq_client.get(f"{path}?{urlencode(query)}", headers=HTMX if "trend" in path else {})
        assert response.status_code == 200, path


def test_they_are_prepared_once_for_each_state_of_the_facts(
    salon: dict[str, Store], hq_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(tasks, "trend_lines", lambda *args: made.append(args))
    tasks.prepare_reports()
    tasks.prepare_reports()
    assert len(made) == 1
    record_visit(
        acting_user=hq_user,
        store=salon["S001"],
        client=None,
        day=date(2025, 3, 2),
        lines=[NewLine(amount=Decimal(10))],
    )
    tasks.prepare_reports()
    assert len(made) == 2


def test_what_failed_is_tried_again(salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def fails(*_args: Any) -> None:
        raise RuntimeError("The database is away.")

    monkeypatch.setattr(tasks, "trend_lines", fails)
    with pytest.raises(RuntimeError):
        tasks.prepare_reports()
    monkeypatch.setattr(tasks, "trend_lines", lambda *args: made.append(args))
    tasks.prepare_reports()
    assert len(made) == 1


def test_a_chain_without_visits_has_nothing_to_prepare(chain: object) -> None:
    tasks.prepare_reports()
