"""Whether the stand-in for Stripe is started, where, and what the site is told of it."""

import json
import socket
from pathlib import Path

import pytest

from deploy.development.servers import site, stripe


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)


def kept(home: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((home / "stripe.json").read_text())
    return found


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"STRIPE_SECRET_KEY": ""}, True),
        ({"DJANGO_SETTINGS_MODULE": "config.settings.dev"}, True),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, False),
        ({"DJANGO_SETTINGS_MODULE": "config.settings.prod"}, False),
    ],
)
def test_it_gives_way_to_stripe_and_to_production(environment: dict[str, str], wanted: bool) -> None:
    assert stripe.is_wanted(environment) is wanted


def test_port_and_secret_stay(tmp_path: Path) -> None:
    stripe.choose_port(tmp_path)
    first = kept(tmp_path)
    stripe.choose_port(tmp_path)
    assert kept(tmp_path) == first
    assert first["secret"].startswith("whsec_")
    assert (tmp_path / "stripe.json").stat().st_mode & 0o077 == 0


def test_a_port_that_was_taken_is_changed_and_the_secret_is_not(tmp_path: Path) -> None:
    stripe.choose_port(tmp_path)
    first = kept(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(first["port"])))
        other.listen()
        stripe.choose_port(tmp_path)
    assert kept(tmp_path)["port"] != first["port"]
    assert kept(tmp_path)["secret"] == first["secret"]


def test_a_command_beside_a_site_is_led_to_its_stand_in(tmp_path: Path) -> None:
    told: dict[str, str] = {}
    stripe.use_if_running(tmp_path, told)
    stripe.choose_port(tmp_path)
    stripe.use_if_running(tmp_path, told)
    assert told == {}
    with socket.socket() as running:
        running.bind(("127.0.0.1", int(kept(tmp_path)["port"])))
        running.listen()
        stripe.use_if_running(tmp_path, told)
    assert told == stripe.environment(tmp_path)
    assert told


def test_the_site_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stripe.environment(tmp_path) == {}
    stripe.choose_port(tmp_path)
    told = site.environment(tmp_path)
    address = f"http://127.0.0.1:{kept(tmp_path)['port']}"
    assert (told["STRIPE_API_BASE"], told["STRIPE_STANDIN_URL"]) == (address, f"{address}/")
    assert told["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert told["STRIPE_WEBHOOK_SECRETS"] == kept(tmp_path)["secret"]
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_own")
    assert site.environment(tmp_path)["STRIPE_SECRET_KEY"] == "sk_test_own"
    assert "STRIPE_API_BASE" not in site.environment(tmp_path)
