"""The stand-in for Stripe as a server of each worker's own, emptied for each test, and a helper to drive it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from pytest_django import Settings

from deploy.development.standin.deliveries import signature

KEY = "sk_test_standin"
SECRET = "whsec_standin"
DAY = 86_400


class StripeServer:
    """What a test does with the stand-in beside the API: pay as a customer, move time, break calls."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, **options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(KEY, base_addresses={"api": self.url}, **options)

    def ask(self, method: str, place: str, /, **given: Any) -> Any:
        """A control call."""
        answer = requests.request(method, f"{self.url}/_standin/{place}", json=given, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def post_form(self, url: str, **fields: str) -> tuple[int, str, str]:
        """A page's form as a browser sends it: status, where it leads to, and the page."""
        answer = requests.post(url, data=fields, timeout=60, allow_redirects=False)
        return answer.status_code, answer.headers.get("Location", ""), answer.text

    def page(self, url: str) -> str:
        answer = requests.get(url, timeout=60)
        assert answer.ok, answer.text
        return answer.text

    def pay(self, url: str, card: str = "4242424242424242", **fields: str) -> str:
        """Fill in a Checkout page; where it leads to. Raises AssertionError, with the page, where it is refused."""
        known = {"email": "owner@acme.test", "name": "Acme", "country": "CN", "line1": "1 Nanjing Road", "city": "上海"}
        status, place, text = self.post_form(url, **{"action": "pay", **known, "card_number": card, **fields})
        assert status == 303, text
        if place.endswith("/authentication"):
            status, place, text = self.post_form(f"{self.url}{place}", action="complete")
            assert status == 303, text
        return place

    def change_card(self, portal_url: str, card: str) -> None:
        """As a customer does in the Billing Portal."""
        status, _place, text = self.post_form(portal_url, action="update_card", card_number=card)
        assert status == 303, text

    def advance(self, *, days: float = 0, seconds: int = 0) -> int:
        """The time of all customers without a test clock; the new time."""
        return int(self.ask("POST", "clock", seconds=seconds + int(days * DAY))["now"])

    def fault(self, kind: str, path: str = "/v1/", **given: Any) -> None:
        """Of the next `times` calls (1): status, close_before, close_after, half or slow."""
        self.ask("POST", "faults", kind=kind, path=path, **given)

    def calls(self, method: str = "", path: str = "/v1/") -> list[dict[str, Any]]:
        """Calls received, oldest first."""
        found = self.ask("GET", "calls")["calls"]
        return [call for call in found if call["method"].startswith(method) and path in call["path"]]

    def send_events_to(self, url: str, *secrets: str) -> None:
        self.ask("POST", "settings", webhook_url=url, secrets=list(secrets or (SECRET,)))

    def set(self, **settings: Any) -> None:
        """`after_retries`, `paused`, `shuffled`, `copies`."""
        self.ask("POST", "settings", **settings)

    def deliveries(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "deliveries")["deliveries"])

    def deliver_again(self, event: str = "") -> None:
        self.ask("POST", "deliveries/again", **({"event": event} if event else {}))

    def webhooks(self, secret: str = SECRET, *, at: int | None = None) -> list[tuple[bytes, str]]:
        """Every event so far, oldest first, as body and signature, for a test that posts them itself."""
        found = self.client().v1.events.list({"limit": 100}).auto_paging_iter()
        # Decimals are texts in a webhook.
        bodies = [json.dumps(event.to_dict(), ensure_ascii=False, default=str).encode() for event in found][::-1]
        return [(body, signature(body, [secret], at or int(time.time()))) for body in bodies]

    def dispute(self, charge: str, reason: str = "general") -> str:
        return str(self.ask("POST", "disputes", charge=charge, reason=reason)["id"])

    def close_dispute(self, dispute: str, status: str) -> None:
        self.ask("POST", "disputes/close", dispute=dispute, status=status)


def start(state: Path, *words: str, port: int = 0) -> "tuple[subprocess.Popen[str], StripeServer]":
    """The program as it is shipped, on a free port."""
    with state.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.development.standin", "--port", str(port), "--state", str(state), *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    with process.stdout:
        address = process.stdout.readline().strip()
    assert address, state.with_suffix(".log").read_text()
    return process, StripeServer(address)


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    process, server = start(tmp_path_factory.mktemp("stripe") / "state.sqlite")
    yield server
    process.terminate()
    process.wait(timeout=60)


@pytest.fixture
def stripe_server(stripe_process: StripeServer, settings: Settings) -> StripeServer:
    """Empty, with the application's settings leading to it. Events wait until `send_events_to`."""
    stripe_process.ask("POST", "reset", webhook_url="", secrets=[SECRET], paused=False)
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_API_BASE = stripe_process.url
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    return stripe_process
