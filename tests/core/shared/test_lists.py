"""Lists sort by the heading that was followed."""

import re

import pytest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.accounts.rights import Role
from core.imports.models import ImportRun
from core.jobs.models import Job
from core.shared.lists import sort_rows
from core.stores.models import City, Store
from core.visits.models import Visit
from tests.plugins.chains import ChainClient, make_user, signed_in

COLUMNS = {"name": ("name", "email")}


def order(asked: str) -> tuple[str, ...]:
    rows = sort_rows(User.objects.order_by("email"), RequestFactory().get("/", {"sort": asked}), COLUMNS)
    return tuple(str(field) for field in rows.query.order_by)


def test_it_sorts_both_ways_by_every_field_of_the_column() -> None:
    assert [text.count("name") for text in order("name")] == [1, 0, 0]
    assert all("descending=False" in text for text in order("name")[:2])
    assert all("descending=True" in text for text in order("-name")[:2])


def test_what_is_unknown_leaves_the_lists_own_order() -> None:
    for asked in ("", "password", "-", "name,email"):
        assert order(asked) == ("email",)


@pytest.fixture
def owner_client(salon: dict[str, Store]) -> ChainClient:
    """Signed in where each list has rows."""
    owner = make_user("owner@acme.test", role=Role.OWNER)
    for name in ("b.csv", "a.csv"):
        ImportRun.objects.create(kind="clients", file_name=name, path=name, created_by=owner)
    for _ in range(2):
        Job.objects.create(kind="export", user=owner, asked_by=owner.email)
    City.objects.create(name="Chiba", tier="1")
    City.objects.create(name="Aomori", tier="2")
    return signed_in(owner, host="acme.localhost")


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/team/", {"name", "last_login"}),
        ("/stores/", {"name", "code", "status"}),
        ("/cities/", {"name", "tier", "region"}),
        ("/imports/", {"file", "who", "when"}),
        ("/jobs/", {"what", "who", "when"}),
        ("/clients/{client}/", {"date", "store"}),
    ],
)
def test_long_lists_sort_by_their_headings_at_no_cost(
    owner_client: ChainClient, path: str, columns: set[str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = path.format(client=Visit.objects.values_list("client", flat=True).first())
    with django_assert_max_num_queries(40) as plain:
        page = owner_client.get(path).content.decode()
    assert set(re.findall(r"[?&;]sort=([a-z_]+)", page)) == columns
    for column in columns:
        for sort, direction in ((column, "ascending"), (f"-{column}", "descending")):
            with django_assert_max_num_queries(len(plain)):
                sorted_page = owner_client.get(path, {"sort": sort}).content.decode()
            assert f'aria-sort="{direction}"' in sorted_page
    assert "aria-sort" not in owner_client.get(path, {"sort": "password"}).content.decode()


def test_the_rows_follow_the_heading(owner_client: ChainClient) -> None:
    for path, sort, first, second in (("/cities/", "name", "Aomori", "Chiba"), ("/imports/", "file", "a.csv", "b.csv")):
        up, down = (owner_client.get(path, {"sort": one}).content.decode() for one in (sort, f"-{sort}"))
        assert up.index(first) < up.index(second)
        assert down.index(second) < down.index(first)
