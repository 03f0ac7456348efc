"""What it costs, on the platform's own site."""

import pytest
from django.test import Client
from pytest_django import Settings

from billing.plans import CHAIN, CURRENCIES, SOLO
from tests.plugins.salons import text_of

pytestmark = pytest.mark.django_db


def visitor(language: str = "en") -> Client:
    return Client(headers={"host": "localhost", "accept-language": language})


@pytest.mark.parametrize(
    ("language", "sign"), [("zh-CN", "¥"), ("en-US", "$"), ("de-DE,de;q=0.9", "€"), ("en-AU", "$"), ("", "$")]
)
def test_prices_are_in_the_readers_currency(language: str, sign: str) -> None:
    assert f"{sign}" in text_of(visitor(language).get("/prices/"))


def test_what_it_comes_to() -> None:
    said = text_of(visitor().get("/prices/?stores=60&currency=USD"))
    assert f"${10 * 39 + 40 * 29 + 10 * 19:,} a month for 60 stores" in said
    assert "a month for 1 store " in text_of(visitor().get("/prices/?stores=1"))


def test_who_wants_an_agreement_can_write(settings: Settings) -> None:
    assert "mailto:" not in visitor().get("/prices/").content.decode()
    settings.PLATFORM_OPERATOR_EMAIL = "hello@revisit.test"
    assert 'href="mailto:hello@revisit.test">Write to us' in visitor().get("/prices/").content.decode()


@pytest.mark.parametrize(
    "query",
    ["stores=0&currency=USD", "stores=x&currency=USD", "stores=5&currency=GBP", "stores=9999999&currency=EUR"],
)
def test_what_cannot_be_priced_is_refused_at_its_field(query: str) -> None:
    response = visitor().get(f"/prices/?{query}")
    assert response.status_code == 400
    assert response.context["form"].errors


@pytest.mark.parametrize("currency", CURRENCIES)
def test_prices_rise_with_stores_and_the_price_of_a_store_falls(currency: str) -> None:
    months = [CHAIN.amount(stores, currency, "month") for stores in range(1, 200)]
    assert SOLO.amount(1, currency, "month") < months[0]
    assert months == sorted(months)
    tiers = [tier.unit_amounts[currency] for tier in CHAIN.tiers]
    assert tiers == sorted(tiers, reverse=True)
    assert months[9] == 10 * tiers[0]
    assert months[10] - months[9] == tiers[1]
    assert months[50] - months[49] == tiers[2]
    assert [CHAIN.amount(stores, currency, "year") for stores in range(1, 200)] == [10 * month for month in months]


def test_what_is_said_of_the_plans_is_what_they_allow() -> None:
    said = text_of(visitor().get("/prices/"))
    assert f"Staff who serve in them {SOLO.limits.staff} no limit agreed" in said
    assert "A domain of your own – no ✓ yes agreed" in said
    assert "Nothing is charged per user." in said
    assert "per message" not in said


def test_yearly_prices() -> None:
    said = text_of(visitor().get("/prices/?stores=2&currency=EUR&interval=year"))
    assert "€190 a year" in said
    assert "€700 a year for 2 stores" in said
