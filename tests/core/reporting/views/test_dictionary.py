"""The page that says what every metric counts."""

from typing import Any

import pytest

from core.accounts.models import User
from core.reporting.metrics import METRICS
from core.reporting.metrics.words import WORDS
from core.reporting.spend_thresholds import set_spend_thresholds
from core.stores.models import Store
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import text_of

PAGE = "/metrics/"


@pytest.mark.usefixtures("english")
def test_every_metric_is_there_as_it_holds_in_the_chain(hq_client: ChainClient, hq_user: User) -> None:
    set_spend_thresholds(high_above=7_000, mid_from=700, acting_user=hq_user)
    response = hq_client.get(PAGE)
    page, text = response.content.decode(), text_of(response)
    for metric in METRICS.values():
        assert f'id="{metric.slug}"' in page
        assert f"{metric.title} version {metric.version}" in text
        assert str(metric.definition[0]) in text
        assert metric.code in text
    for anchor, (word, meaning) in WORDS.items():
        assert f'id="word-{anchor}"' in page
        assert f"{word} {meaning}" in text
    assert "High value is above ¥7,000 a year" in text
    assert "%(high)s" not in text


@pytest.mark.usefixtures("salon")
def test_each_report_leads_to_its_own_definition(hq_client: ChainClient, manager_client: ChainClient) -> None:
    for metric in METRICS.values():
        assert f'href="{PAGE}#{metric.slug}"' in hq_client.get(f"/{metric.slug}/").content.decode()
    assert f'href="{PAGE}#repurchase"' in manager_client.get("/stores/S001/").content.decode()


def test_a_store_manager_reads_it_without_links_to_what_is_closed(manager_client: ChainClient, store: Store) -> None:
    page = manager_client.get(PAGE).content.decode()
    assert 'id="value-segments"' in page
    assert 'href="/value-segments/' not in page


def test_others_do_not(chain: object, anonymous_client: Any) -> None:
    desk = signed_in(make_user("desk@acme.test", role=User.Role.FRONT_DESK), host="acme.localhost")
    assert desk.get(PAGE).status_code == 403
    assert anonymous_client.get(PAGE).status_code == 302


def test_other_methods_are_refused(hq_client: ChainClient) -> None:
    assert hq_client.post(PAGE).status_code == 405


def test_the_page_takes_few_queries(hq_client: ChainClient, django_assert_max_num_queries: Any) -> None:
    hq_client.get(PAGE)
    with django_assert_max_num_queries(8):
        hq_client.get(PAGE)
