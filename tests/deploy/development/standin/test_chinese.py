"""The customer's pages come in Chinese as well, by the session's locale or the browser's."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from deploy.development.standin import chinese
from tests.plugins.stripe import KEY, StripeServer


@pytest.mark.parametrize(("told", "language"), [({"locale": "zh"}, "zh"), ({"locale": "en"}, "en"), ({}, "zh")])
def test_pages_come_in_the_customers_language(
    stripe_server: StripeServer, client: stripe.StripeClient, make_price: Any, told: Any, language: str
) -> None:
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "success_url": "http://acme.localhost/",
            "subscription_data": {"billing_mode": {"type": "classic"}},
            "line_items": [{"price": make_price(1_000).id, "quantity": 1}],
            **told,
        }
    )
    answer = requests.get(str(session.url), headers={"Accept-Language": "zh-CN,zh;q=0.9"}, timeout=30)
    assert f'<html lang="{language}">' in answer.text
    assert ("今日应付" in answer.text) is (language == "zh")
    assert ("Due today" in answer.text) is (language == "en")
    refused = requests.post(
        str(session.url), data={"card_number": "4000000000000002"}, headers={"Accept-Language": "zh"}, timeout=30
    )
    assert ("银行卡被拒" in refused.text) is (language == "zh")
    assert KEY not in answer.text


def test_every_translated_text_is_one_of_the_pages() -> None:
    folder = Path(chinese.__file__).parent
    sources = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "chinese.py")
    states = {
        "active",
        "trialing",
        "past_due",
        "unpaid",
        "paid",
        "open",
        "void",
        "uncollectible",
        "incomplete",
        "canceled",
    }
    states |= {"succeeded", "failed", "incomplete_expired"}
    for text, translation in chinese._CHINESE.items():
        names = re.findall(r"{\w+}", text)
        assert sorted(names) == sorted(re.findall(r"{\w+}", translation))
        asked = text.replace("each month", "each {quote.interval}").replace("each year", "each {quote.interval}")
        found = text in sources or asked.replace("{amount}", "{{amount}}").replace("{day}", "{{day}}") in sources
        assert found or text in states, text
