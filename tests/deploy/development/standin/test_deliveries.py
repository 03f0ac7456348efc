"""Events are brought, signed, until they are taken; a kill loses none."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from tests.plugins.stripe import SECRET, StripeServer, start


class Receiver:
    """Takes webhooks; answers with what `answers` holds for the next ones, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for body, _signature in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def eventually(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def test_they_are_signed_with_each_secret(
    stripe_server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    stripe_server.send_events_to(receiver.url, SECRET, "whsec_new")
    customer = client.v1.customers.create({"email": "a@acme.test"})
    client.v1.customers.update(customer.id, {"name": "Acme", "metadata": {"chain": "acme"}})
    eventually(lambda: len(receiver.got) == 2)
    for secret in (SECRET, "whsec_new"):
        for body, signature in receiver.got:
            assert stripe.Webhook.construct_event(body, signature, secret).id.startswith("evt_")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*receiver.got[0], "whsec_other")
    updated = json.loads(receiver.got[1][0])
    assert updated["type"] == "customer.updated"
    assert updated["data"]["previous_attributes"] == {"name": None, "metadata": {}}
    assert updated["request"]["id"].startswith("req_")
    assert client.v1.events.retrieve(updated["id"]).data.object["name"] == "Acme"


def test_an_update_that_changes_nothing_is_no_event(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "a@acme.test"})
    client.v1.customers.update(customer.id, {"email": "a@acme.test"})
    assert [event.type for event in client.v1.events.list().data] == ["customer.created"]


def test_they_are_tried_again(stripe_server: StripeServer, client: stripe.StripeClient, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    stripe_server.send_events_to(receiver.url)
    client.v1.customers.create({"email": "a@acme.test"})
    eventually(lambda: stripe_server.deliveries()[0]["done"])
    assert stripe_server.deliveries()[0]["attempts"] == 3
    assert len({body for body, _signature in receiver.got if json.loads(body)["id"]}) <= 2
    stripe_server.deliver_again()
    eventually(lambda: len(receiver.got) == 4)


def test_they_wait_come_twice_and_in_any_order(
    stripe_server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    stripe_server.send_events_to(receiver.url)
    stripe_server.set(paused=True)
    for number in range(20):
        client.v1.customers.create({"email": f"{number}@acme.test"})
    time.sleep(0.2)
    assert receiver.got == []
    stripe_server.set(paused=False, shuffled=True, copies=3)
    eventually(lambda: len(receiver.got) == 60)
    emails = [json.loads(body)["data"]["object"]["email"] for body, _signature in receiver.got]
    assert {emails.count(email) for email in emails} == {3}
    assert emails != sorted(emails, key=lambda email: int(email.split("@")[0]))


def test_events_are_found_by_kind(client: stripe.StripeClient) -> None:
    client.v1.products.create({"name": "Chain"})
    client.v1.customers.create({"email": "a@acme.test"})
    assert [event.type for event in client.v1.events.list({"type": "product.*"}).data] == ["product.created"]
    assert [event.type for event in client.v1.events.list({"types": ["customer.created"]}).data] == ["customer.created"]


def test_a_kill_loses_nothing(tmp_path: Path, receiver: Receiver) -> None:
    """Neither what was done nor what was still to be told, and idempotency keys are known after it."""
    file = tmp_path / "state.sqlite"
    nowhere = ("--webhook-url", "http://127.0.0.1:9/hook", "--webhook-secret", SECRET)
    process, server = start(file, *nowhere)
    made = server.client().v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    process.kill()
    process.wait()
    process, server = start(file, "--webhook-url", receiver.url, "--webhook-secret", SECRET)
    try:
        again = server.client().v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
        assert again.id == made.id
        eventually(lambda: receiver.kinds == ["customer.created"])
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0
