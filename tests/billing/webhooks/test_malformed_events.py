"""Well-signed bodies with nonsense in them: kept or refused, never an error, and never in the way of others."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from django.db import transaction
from hypothesis import example, given
from hypothesis import settings as run
from hypothesis import strategies as st
from pytest_django import Settings

from billing.models import StripeEvent
from billing.webhooks.processing import process_due_events
from tenants.models import Chain
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.stripe import KEY, StripeServer

SECRET = "whsec_nonsense"
EVENT = {"id": "evt_1", "type": "invoice.paid", "created": 1_700_000_000, "data": {"object": {"customer": "cus_1"}}}
ODD = [
    "",
    "\0",
    "a\0b",
    "\ud800",
    "x" * 300,
    "cus_1",
    "../..",
    "é",
    0,
    -1,
    2**63,
    10**30,
    1e308,
    True,
    None,
    [],
    {},
    [[]],
]
values = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PLACES = ["id", "type", "created", "data", "object", "customer", "charge", "more", "whole"]


@pytest.fixture(autouse=True)
def outside(chain: Chain, settings: Settings) -> Iterator[None]:
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    settings.STRIPE_SECRET_KEY = ""
    with outside_chains():
        yield


def sent(body: str | bytes, **headers: str) -> int:
    """The answer to a body as Stripe would sign it."""
    content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    moment = int(time.time())
    signature = stripe.WebhookSignature._compute_signature(f"{moment}.{content.decode(errors='ignore')}", SECRET)
    client = ChainClient(headers={"host": "localhost", "stripe-signature": f"t={moment},v1={signature}", **headers})
    return int(client.post("/billing/webhook/", content, content_type="application/json").status_code)


def with_odd(place: str, value: Any) -> Any:
    about: dict[str, Any] = {"object": "dispute", "charge": "ch_1", "customer": "cus_1"}
    event: dict[str, Any] = {**EVENT, "data": {"object": about}}
    if place == "whole":
        return value
    if place == "object":
        event["data"] = {"object": value}
    elif place in {"customer", "charge", "more"}:
        about[place] = value
    else:
        event[place] = value
    return event


@run(max_examples=100)
@given(
    place=st.sampled_from(PLACES),
    value=values,
    other=st.sampled_from(PLACES),
    more=values,
    letters=st.sampled_from(["escaped", "plain"]),
)
@example(place="more", value="\0", other="more", more="\0", letters="escaped")
@example(place="customer", value="a\0", other="more", more="", letters="escaped")
@example(place="id", value="", other="more", more="", letters="escaped")
@example(place="created", value=10**30, other="more", more="", letters="escaped")
@example(place="created", value=10**14, other="more", more="", letters="escaped")
@example(place="more", value=float("nan"), other="more", more=float("inf"), letters="escaped")
@example(place="more", value="\ud800", other="more", more="\udfff", letters="escaped")
@example(place="data", value=None, other="charge", more=[], letters="escaped")
def test_it_is_kept_or_refused(place: str, value: Any, other: str, more: Any, letters: str) -> None:
    event = with_odd(place, value)
    if isinstance(event, dict) and other in event:
        event[other] = more
    with transaction.atomic():
        status = sent(json.dumps(event, ensure_ascii=letters == "escaped"))
        assert status in {204, 400}
        assert StripeEvent.objects.count() == (status == 204)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", b"\0", b"{", b'"', b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000,
        json.dumps(EVENT)[:-3].encode() + b"[" * 900 + b"]" * 900 + b"}}",
        json.dumps(EVENT).replace("1700000000", "1" * 5000).encode(),
    ],
)  # fmt: skip
def test_bodies_that_are_no_event(body: bytes) -> None:
    assert sent(body) in {400, 413}
    assert not StripeEvent.objects.exists()


def test_deep_ones_are_kept_or_refused() -> None:
    for depth in (100, 400, 900, 2000, 20_000, 100_000):
        deep = json.dumps({**EVENT, "id": f"evt_{depth}", "deep": "X"}).replace('"X"', "[" * depth + "]" * depth)
        assert sent(deep) in {204, 400, 413}, depth
    assert StripeEvent.objects.filter(id="evt_100").exists()


@pytest.mark.parametrize(
    "signature", ["t=now,v1=é", "t=1", "t=x,v1=", "t=" + "9" * 5000 + ",v1=0", ",,,=", "t=\0,v1=\0"]
)
def test_signatures_that_are_none(signature: str) -> None:
    assert (
        sent(json.dumps(EVENT), **{"stripe-signature": signature.replace("v1=é", f"t={int(time.time())},v1=é")}) == 400
    )


def test_what_stripe_does_not_know_is_worked_off_and_holds_up_nothing(plans: StripeServer, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = KEY, [SECRET]
    odd = [None, "", 5, [], {"id": "ch_1"}, "ch_nowhere", "../customers", "x" * 3000, "é", "%00", " "]
    for number, charge in enumerate(odd):
        assert (
            sent(
                json.dumps(
                    {**EVENT, "id": f"evt_{number}", "data": {"object": {"object": "dispute", "charge": charge}}}
                )
            )
            == 204
        )
    for number, customer in enumerate([None, 5, {"id": 5}, "cus_nowhere", ["cus_1"]]):
        assert sent(json.dumps({**EVENT, "id": f"evt_c{number}", "data": {"object": {"customer": customer}}})) == 204
    assert process_due_events() == set()
    waiting = list(StripeEvent.objects.filter(handled_at=None).values_list("problem", flat=True))
    assert not waiting, waiting
