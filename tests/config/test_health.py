"""The probes: without a chain, under any host name."""

import pytest
from django.test import Client

from config import health


def fails() -> None:
    raise OSError("no route")


def test_the_process_lives() -> None:
    response = Client(headers={"host": "10.0.0.7"}).get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_all_parts_answer(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)
    response = Client(headers={"host": "10.0.0.7"}).get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "cache": "ok", "broker": "ok"}


@pytest.mark.parametrize("part", ["database", "cache", "broker"])
def test_not_ready_when_one_does_not(db: None, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    for name in health.CHECKS:
        monkeypatch.setitem(health.CHECKS, name, fails if name == part else lambda: None)
    response = Client(headers={"host": "10.0.0.7"}).get("/readyz")
    assert response.status_code == 503
    assert response.json()[part] == "failed"
    assert "no route" not in response.content.decode()


def test_a_broker_that_is_not_there_is_noticed(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert not health._answers("broker", health.CHECKS["broker"])
