import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.test import RequestFactory
from pytest_django import Settings

from core.shared.network import BUFFERING_WORKER, client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_nobody_chooses_the_own_address(settings: Settings, proxies: int, forwarded: str | None, address: str) -> None:
    settings.PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded is not None else {}
    assert client_address(RequestFactory(headers=headers, REMOTE_ADDR="192.0.2.1").get("/")) == address


@pytest.mark.parametrize(
    ("proxies", "loaded", "warned"), [(0, False, True), (0, True, False), (1, False, False), (2, True, False)]
)
def test_a_server_without_a_front_is_warned_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, proxies: int, loaded: bool, warned: bool
) -> None:
    settings.PROXIES = proxies
    monkeypatch.delitem(sys.modules, BUFFERING_WORKER, raising=False)
    if loaded:
        monkeypatch.setitem(sys.modules, BUFFERING_WORKER, sys)
    found = [message.id for message in run_checks(tags=["security"], include_deployment_checks=True)]
    assert ("shared.W001" in found) is warned


@pytest.mark.parametrize("start", [[], [BUFFERING_WORKER]], ids=["another server", "gunicorn as configured"])
def test_the_start_of_a_server_says_so(start: list[str]) -> None:
    code = "".join(f"import {module}; " for module in [*start, "config.wsgi"])
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=told, check=True)
    assert ("No proxy is said to be in front" in done.stderr) is (start == [])
