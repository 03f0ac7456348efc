"""Lists sort by the heading that was followed."""

from django.test import RequestFactory

from core.accounts.models import User
from core.shared.sorting import sort_rows

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
