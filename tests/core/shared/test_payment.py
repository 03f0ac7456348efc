"""What everyone is told of trial and payment."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.shared.chain import current_chain
from core.shared.entitlements import require_feature
from core.shared.errors import AppError
from core.shared.payment import payment_notice
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of


def days(number: float) -> datetime:
    return timezone.now() + timedelta(days=number)


@pytest.mark.parametrize(
    ("plan", "until", "said"),
    [
        ("trial", None, ""),
        ("trial", 13, ""),
        ("trial", 6.5, "The trial ends in 7 days."),
        ("trial", 0.2, "The trial ends in 1 day."),
        ("trial", -1, "The trial is over."),
        ("chain", None, ""),
        ("chain", -1, "What was paid for is over."),
    ],
)
def test_one_sentence(
    chain: Chain, plan: str, until: float | None, said: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chain.allowance = {"plan": plan}
    chain.writable_until = None if until is None else days(until)
    with django_assert_num_queries(0):
        assert payment_notice(chain) == said


def test_in_grace_the_last_day_is_named(chain: Chain) -> None:
    chain.allowance, chain.writable_until = {"plan": "chain"}, days(5)
    assert "A payment is needed. Without it, records can be changed until" in payment_notice(chain)


@pytest.mark.parametrize("role", User.Role.values[:6])
def test_all_are_told_and_the_owner_is_led_on(chain: Chain, role: str) -> None:
    with outside_chains():
        chain.allowance, chain.writable_until = {"plan": "trial"}, days(-1)
        chain.save()
    user = make_user("someone@acme.test", role=role)
    User.objects.update(language="en")
    response = signed_in(user, host="acme.localhost").get("/team/roles/")
    assert "The trial is over. Everything can be read and exported, nothing changed." in text_of(response)
    assert ('class="button" href="/billing/"' in response.content.decode()) == (role == "owner")
    assert ("Tell an owner of your chain." in text_of(response)) == (role != "owner")


def test_strangers_are_told_nothing(chain: Chain, anonymous_client: ChainClient) -> None:
    with outside_chains():
        chain.allowance, chain.writable_until = {"plan": "trial"}, days(-1)
        chain.save()
    assert "trial" not in text_of(anonymous_client.get("/sign-in/"))


def test_a_feature_that_is_not_in_the_plan(chain: Chain, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    chain.allowance = {"plan": "solo", "own_domain": False}
    assert current_chain() is chain
    with django_assert_num_queries(0):
        require_feature("benchmark")
        with pytest.raises(AppError) as refused:
            require_feature("own_domain")
    assert (refused.value.code, refused.value.status) == ("plan_feature", 402)
