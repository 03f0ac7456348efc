"""The page on which headquarters sets the thresholds of value segments."""

from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.reporting.models import SpendThreshold
from core.reporting.spend_thresholds import SpendThresholds, spend_thresholds
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in

PAGE = "/value-segments/thresholds/"
TYPED = {"high_above": "8000", "mid_from": "2000"}


@pytest.mark.parametrize("role", [User.Role.OWNER, User.Role.HQ])
@pytest.mark.usefixtures("salon")
def test_who_may_changes_them(role: str) -> None:
    client = signed_in(make_user("may@acme.test", role=role), host="acme.localhost")
    assert 'value="5000"' in client.get(PAGE).content.decode()
    assert client.post(PAGE, TYPED).status_code == 302
    assert spend_thresholds() == SpendThresholds(8_000, 2_000)
    page = client.get("/value-segments/").content.decode()
    assert "年消费超过 ¥8,000 为高价值，¥2,000 至 ¥8,000 为中价值" in page
    assert f'href="{PAGE}"' in page
    assert f'href="{PAGE}"' not in client.get("/volumes/").content.decode()


@pytest.mark.usefixtures("chain")
def test_the_owner_finds_them_in_the_settings() -> None:
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    assert f'href="{PAGE}"' in owner.get("/settings/").content.decode()


def test_others_are_refused_and_change_nothing(manager_client: ChainClient) -> None:
    for method in ("get", "post"):
        assert getattr(manager_client, method)(PAGE, TYPED).status_code == 403
    assert not SpendThreshold.objects.exists()


def test_another_chain_keeps_its_own(hq_client: ChainClient, other_client: ChainClient, other_chain: Chain) -> None:
    assert hq_client.post(PAGE, TYPED).status_code == 302
    assert 'value="5000"' in other_client.get(PAGE).content.decode()
    with tenant_context(other_chain):
        assert spend_thresholds() == SpendThresholds()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"high_above": "2000", "mid_from": "2000"}, "high_above"),
        ({"high_above": "x", "mid_from": "2"}, "high_above"),
        ({"high_above": "2000", "mid_from": "0"}, "mid_from"),
        ({"high_above": "2000"}, "mid_from"),
        ({"high_above": "9" * 30, "mid_from": "1"}, "high_above"),
    ],
)
def test_what_is_wrong_stands_at_its_field(hq_client: ChainClient, typed: dict[str, Any], field: str) -> None:
    answer = hq_client.post(PAGE, typed)
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not SpendThreshold.objects.exists()


def test_other_methods_are_refused(hq_client: ChainClient) -> None:
    assert hq_client.put(PAGE).status_code == hq_client.delete(PAGE).status_code == 405


def test_the_page_takes_few_queries(hq_client: ChainClient, django_assert_max_num_queries: Any) -> None:
    hq_client.get(PAGE)
    with django_assert_max_num_queries(8):
        hq_client.get(PAGE)
