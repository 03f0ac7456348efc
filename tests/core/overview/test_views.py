"""The overview: who sees whose figures, and what loads after it."""

import html
import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache

from core.accounts.models import User
from core.accounts.rights import Role
from core.clients.models import Client
from core.reporting.facts.refresh import refresh_all
from core.stores.models import RegionAccess, Store
from core.visits.models import Visit
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import open_sisters, text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("english", "salon")


def page(client: ChainClient, path: str = "/overview/", **query: Any) -> Any:
    return client.get(f"{path}?" + urlencode({**YEAR, **query}))


def card(response: Any, key: str) -> Any:
    return next(one for one in response.context["cards"] if one.key == key)


@pytest.fixture
def regional(chain: object) -> ChainClient:
    """Looks after 华北, where S003 is."""
    user = make_user("north@acme.test", role=Role.REGIONAL_MANAGER)
    User.objects.filter(pk=user.pk).update(language="en")
    RegionAccess.objects.create(user=user, region="华北")
    return signed_in(user, host="acme.localhost")


def test_headquarters_begin_with_the_chains_figures(hq_client: ChainClient) -> None:
    assert hq_client.get("/").headers["Location"] == "/overview/"
    response = page(hq_client)
    assert response.status_code == 200
    # 58 of 120 clients came back: 178 visits at 198.00, one of them without a client and a line of its own.
    assert card(response, "clients").text == "120"
    assert card(response, "new_clients").text == "120"
    assert card(response, "visits").text == "178"
    assert card(response, "average_visit").text == "¥198.00"
    rate = card(response, "repurchase_rate")
    assert rate.text.replace("\N{NO-BREAK SPACE}", " ") == "48.3 %"
    assert rate.change == "+3.3"
    # 54 of 120 a year before: chance may have made the difference.
    assert rate.direction == ""
    assert any(line.startswith("Change:") for line in rate.lines)


def test_a_regional_manager_sees_the_own_region_beside_the_chains_rate(regional: ChainClient) -> None:
    assert regional.get("/").headers["Location"] == "/overview/"
    response = page(regional)
    assert card(response, "clients").text == "40"
    assert card(response, "repurchase_rate").text.startswith("35.0")
    assert any("48.3" in line for line in card(response, "repurchase_rate").lines)
    assert "保定时代店" in text_of(response)
    assert "静安" not in text_of(response)


def test_a_manager_sees_the_own_store(manager_client: ChainClient) -> None:
    response = page(manager_client)
    assert card(response, "clients").text == "40"
    assert card(response, "repurchase_rate").text.startswith("60.0")


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.BEAUTICIAN])
@pytest.mark.parametrize("path", ["/overview/", "/overview/attention/", "/overview/trends/"])
def test_others_see_nothing(role: Role, path: str) -> None:
    client = signed_in(make_user(f"{role}@acme.test", role=role), host="acme.localhost")
    assert page(client, path).status_code == 403


@pytest.mark.parametrize("path", ["/overview/", "/overview/attention/", "/overview/trends/"])
def test_it_is_only_read_and_by_those_who_signed_in(
    hq_client: ChainClient, anonymous_client: ChainClient, path: str
) -> None:
    assert hq_client.post(path).status_code == 405
    assert page(anonymous_client, path).status_code == 302


def test_a_bad_period_is_said_at_its_field(hq_client: ChainClient) -> None:
    response = hq_client.get("/overview/?from=2025-01-01&to=2024-01-01")
    assert response.status_code == 400
    assert "ends before it starts" in text_of(response)


def test_a_period_without_data_is_no_period_of_nobody(hq_client: ChainClient) -> None:
    response = hq_client.get("/overview/?from=2026-03-01&to=2026-04-01")
    assert "There is no data since 31 Dec 2025" in text_of(response)
    assert "Repurchase rate" not in text_of(response).split("Sign out")[0].split("Compared with")[-1]


def test_trends_come_into_their_cards(hq_client: ChainClient) -> None:
    page_of_its_own = page(hq_client, "/overview/trends/").content.decode()
    assert "<svg" in page_of_its_own
    assert "hx-swap-oob" not in page_of_its_own
    fragment = hq_client.get("/overview/trends/?" + urlencode(YEAR), headers=HTMX).content.decode()
    # All but the rating, which nobody gave, and the segments, for which the data does not reach back.
    assert fragment.count('hx-swap-oob="true"') == 7
    assert "<html" not in fragment


OVERDUE = "Clients past their usual interval whom nobody has contacted yet."


def test_of_what_chance_explains_only_overdue_clients_are_left(hq_client: ChainClient) -> None:
    """At the store where they spent most: S001, whose 64 visits of clients in 2025 came to 198.00 each."""
    (item,) = page(hq_client, "/overview/attention/").context["items"]
    assert (item.title, item.reason, item.url) == ("上海静安店", OVERDUE, "/follow-up/stores/S001/")
    assert hq_client.get(item.url).status_code == 200


def test_without_visits_of_the_last_year_nothing_is_out_of_the_ordinary(hq_client: ChainClient) -> None:
    Visit.objects.filter(client__isnull=False).update(voided_at=datetime(2025, 12, 31, tzinfo=UTC))
    refresh_all()
    cache.clear()
    assert "Nothing is out of the ordinary" in text_of(page(hq_client, "/overview/attention/"))


def test_a_store_far_below_what_its_clients_give_to_expect(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    """Of other stores’ clients half come back, of S003’s the 14 of 40 no more."""
    open_sisters(each=3)
    returns = Visit.objects.filter(store=salon["S003"], day__gte=date(2025, 1, 1)).order_by("client", "day")
    later = [visit.pk for visit in returns if visit.pk != returns.filter(client=visit.client_id)[0].pk]
    assert len(later) == 14
    Visit.objects.filter(pk__in=later).update(voided_at=datetime(2025, 12, 31, tzinfo=UTC))
    refresh_all()
    cache.clear()
    found = page(hq_client, "/overview/attention/").context["items"]
    item = next(one for one in found if one.reason != OVERDUE)
    assert item.title == "保定时代店"
    assert item.reason.startswith("0 clients came back, about 1")
    assert item.url.startswith("/stores/S003/")
    assert hq_client.get(item.url.partition("#")[0]).status_code == 200
    # Who came back paid 198.00 more than who did not.
    short = int(item.size.split()[0])
    assert item.money == pytest.approx(short * 19800, rel=0.05)


def test_others_stores_are_not_listed(hq_client: ChainClient, regional: ChainClient, salon: dict[str, Store]) -> None:
    """What stands out in 华东 is no matter of 华北's manager."""
    open_sisters(each=3)
    returns = Visit.objects.filter(store=salon["S001"], day__gte=date(2025, 1, 1)).order_by("client", "day")
    later = [visit.pk for visit in returns if visit.pk != returns.filter(client=visit.client_id)[0].pk]
    Visit.objects.filter(pk__in=later).update(voided_at=datetime(2025, 12, 31, tzinfo=UTC))
    refresh_all()
    cache.clear()
    path = "/overview/attention/"
    reasons = {item.reason for item in page(hq_client, path).context["items"] if item.title == "上海静安店"}
    assert reasons - {OVERDUE}
    assert "上海静安店" not in text_of(page(regional, path))


def test_fewer_new_clients_are_told_beyond_chance(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    gone = Client.objects.filter(store=salon["S001"], ref__contains="-2025-")
    Visit.objects.filter(client__in=gone).update(voided_at=datetime(2025, 12, 31, tzinfo=UTC))
    refresh_all()
    cache.clear()
    items = {item.title: item for item in page(hq_client, "/overview/attention/").context["items"]}
    assert items["Fewer new clients"].reason == "80 new clients, down from 120 in 2024."
    assert items["Fewer new clients"].size.startswith("40 clients fewer")


def test_in_print_it_says_what_it_is_and_where_it_comes_from(hq_client: ChainClient) -> None:
    """The browser prints the page itself: what only paper needs stands in it, hidden."""
    response = page(hq_client)
    said = text_of(response)
    for text in (
        "Acme Beauty · 2025 · Data complete to 31 Dec 2025",
        "Volumes, version 2",
        "Value segments, version 2",
    ):
        assert text in said, text
    assert 'class="card prose print-only"' in response.content.decode()


def test_it_prints_with_all_of_it_on_one_page(hq_client: ChainClient, regional: ChainClient) -> None:
    response = page(hq_client, print="1")
    content, said = response.content.decode(), text_of(response)
    # Nothing is left to be fetched, and nothing leads through the site.
    assert "hx-get" not in content
    assert 'class="sidebar"' not in content
    assert "print-only" not in content
    assert OVERDUE in said
    assert content.count('class="spark-line"') == 7
    assert "Acme Beauty · 2025 · Data complete to 31 Dec 2025" in said
    assert "Volumes, version 2" in said
    assert "静安" not in text_of(page(regional, print="1"))
    (link,) = re.findall(r'href="([^"]*print=1)"', page(hq_client).content.decode())
    assert hq_client.get("/overview/" + html.unescape(link)).context["printed"]


def test_queries_are_bounded(hq_client: ChainClient, django_assert_max_num_queries: Any) -> None:
    page(hq_client)
    with django_assert_max_num_queries(25):
        page(hq_client)
