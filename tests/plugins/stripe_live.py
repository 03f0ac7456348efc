"""The flows at Stripe's own test mode: only with a test key in the environment, since nothing else can reach it."""

import os
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from billing import gateway

KEY = os.environ.get("STRIPE_TEST_SECRET_KEY", "")
PLACES = ["stand-in", pytest.param("test mode", marks=pytest.mark.stripe_live)] if KEY else ["stand-in"]


def pytest_report_header() -> str:
    if not KEY:
        return "stripe: the flows run against the stand-in alone; STRIPE_TEST_SECRET_KEY is not set"
    return "stripe: the flows run against the stand-in and against Stripe's test mode"


@pytest.fixture(params=PLACES)
def at_stripe(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """Each flow runs at the stand-in, and again at Stripe's test mode where that can be reached."""
    if request.param == "stand-in":
        request.getfixturevalue("stripe_server")
    else:
        if not KEY.startswith("sk_test_"):
            pytest.fail("STRIPE_TEST_SECRET_KEY has to be a key of the test mode, sk_test_…")
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = KEY, "https://api.stripe.com"
    gateway._client.cache_clear()
    yield request.param
    gateway._client.cache_clear()
