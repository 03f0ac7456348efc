"""A file that was imported already, or whose days came before with another, is named before it is loaded."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.models import ImportRun
from core.imports.services import earlier
from core.imports.services.earlier import digest_of
from core.imports.undo.undoing import undo_import
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import Importer
from tests.plugins.salons import text_of

HEAD = "store_code,client_ref,started_at,visit_ref,item,amount\n"


def receipts(first: int, last: int, *, numbers: int = 0, store: str = "S001", month: str = "03") -> str:
    """One a day, numbered from `numbers` on."""
    days = range(first, last + 1)
    return HEAD + "".join(f"{store},C{day},2025-{month}-{day:02d},{numbers + day},Cut,80\n" for day in days)


MARCH = receipts(1, 20)

pytestmark = pytest.mark.usefixtures("store")


def checked(importer: Importer, content: str, name: str = "receipts.csv", **form: str) -> ImportRun:
    run = importer.uploaded(content, name=name)
    importer.check(run, create_missing="on", **form)
    return run


def imported(importer: Importer, content: str, name: str = "receipts.csv") -> ImportRun:
    run = checked(importer, content, name)
    importer.bring_in(run)
    assert run.is_imported
    return run


def finding(run: ImportRun, code: str) -> dict[str, Any] | None:
    return next((one for one in run.findings if one["code"] == code), None)


def test_the_same_file_under_another_name_is_named(importer: Importer) -> None:
    former = imported(importer, MARCH, "march.csv")
    run = checked(importer, MARCH, "March (1).csv")
    found = finding(run, "same_file")
    assert found is not None
    day = f"{former.created_at.day} {former.created_at:%b %Y}"
    assert found["message"] == f"This is the same file as “march.csv”, imported on {day} by hq@acme.test."
    assert (found["level"], found["earlier"]) == ("warning", str(former.pk))
    assert found["effect"].startswith("What is still as the file says stays")
    page = importer.client.get(f"/imports/{run.pk}/")
    assert found["message"] in text_of(page)
    assert f'href="/imports/{former.pk}/"' in page.content.decode()
    assert "look at what was found first" in text_of(page)


def test_lines_that_are_added_count_twice(importer: Importer) -> None:
    rows = "store_code,client_ref,started_at,item,amount\nS001,C1,2025-03-04,Cut,80\n"
    imported(importer, rows)
    found = finding(checked(importer, rows, append="on"), "same_file")
    assert found is not None
    assert found["effect"] == "Its lines would be added once more, and count twice."


@pytest.mark.parametrize("content", [MARCH + "S001,C1,2025-04-20,99,Cut,80\n", MARCH.replace("80", "81", 1)])
def test_another_file_is_not_the_same(importer: Importer, content: str) -> None:
    imported(importer, MARCH)
    assert finding(checked(importer, content), "same_file") is None


def test_of_another_kind_it_is_another_file(importer: Importer) -> None:
    imported(importer, MARCH)
    clients = importer.uploaded(MARCH, kind="clients")
    importer.check(clients)
    assert finding(clients, "same_file") is None


def test_what_was_taken_back_is_no_warning(importer: Importer) -> None:
    former = imported(importer, MARCH)
    undo_import(former.pk, acting_user=None)
    run = checked(importer, MARCH)
    assert [one["code"] for one in run.findings if one["earlier"]] == []


def test_a_file_that_waits_in_another_window_is_named(importer: Importer) -> None:
    first = checked(importer, MARCH, "a.csv")
    second = checked(importer, MARCH, "b.csv")
    found = finding(second, "same_file_waiting")
    assert found is not None
    assert (found["level"], found["earlier"]) == ("note", str(first.pk))
    assert "The same file is here as “a.csv”" in found["message"]
    assert "Replace it by this file" not in text_of(importer.client.get(f"/imports/{second.pk}/"))


def test_days_that_came_before_under_other_numbers_may_count_twice(importer: Importer) -> None:
    former = imported(importer, MARCH, "march.csv")
    run = checked(importer, receipts(3, 22, numbers=1000).replace("C", "K"))
    found = finding(run, "overlap")
    assert found is not None
    assert (found["level"], found["earlier"]) == ("warning", str(former.pk))
    assert found["message"].startswith("Visits of these days and stores came before with “march.csv”, imported on ")
    assert found["effect"].startswith("20 visits of this file would be new beside them: if they are the same")
    assert "Replace it by this file" in text_of(importer.client.get(f"/imports/{run.pk}/"))


def test_visits_that_are_known_are_told_as_such(importer: Importer) -> None:
    """As of an export that reaches back some days."""
    imported(importer, MARCH)
    found = finding(checked(importer, receipts(6, 25)), "overlap")
    assert found is not None
    assert found["level"] == "note"
    assert found["effect"] == "15 visits of this file are known from there and are not counted twice."


def test_several_files_together(importer: Importer) -> None:
    for first in (1, 6, 11, 16):
        imported(importer, receipts(first, first + 4), f"{first}.csv")
    found = finding(checked(importer, receipts(1, 20, numbers=1000).replace("C", "K")), "overlap")
    assert found is not None
    assert ", and 3 other files." in found["message"]


@pytest.mark.parametrize(
    "content",
    [
        receipts(15, 31, numbers=1000),
        receipts(1, 20, numbers=1000, month="04"),
        receipts(1, 20, numbers=1000, store="S002"),
    ],
)
def test_other_days_and_stores_are_no_overlap(importer: Importer, store: Store, content: str) -> None:
    Store.objects.create(code="S002", name="Two").locations.create(city="上海", city_tier="一线", region="华东")
    imported(importer, MARCH)
    assert finding(checked(importer, content), "overlap") is None


def test_it_can_take_the_place_of_the_former(importer: Importer) -> None:
    former = imported(importer, MARCH)
    run = checked(importer, receipts(3, 22, numbers=1000).replace("C", "K"))
    response = importer.client.post(f"/imports/{run.pk}/again/", {"replaces": str(former.pk)})
    assert response.status_code == 302
    run.refresh_from_db()
    assert run.options["replaces"] == str(former.pk)
    assert [one["code"] for one in run.findings if one["earlier"]] == []
    page = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "This file takes the place of an earlier import" in page
    importer.bring_in(run)
    former.refresh_from_db()
    assert former.undone_at is not None
    assert Visit.objects.count() == 20


@pytest.mark.parametrize("former", ["x", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_import_is_replaced_by_nothing(importer: Importer, former: str) -> None:
    run = checked(importer, MARCH)
    assert importer.client.post(f"/imports/{run.pk}/again/", {"replaces": former}).status_code == 404
    run.refresh_from_db()
    assert "replaces" not in run.options


def test_what_is_not_imported_cannot_be_replaced(importer: Importer) -> None:
    first, run = checked(importer, MARCH), checked(importer, MARCH)
    assert importer.client.post(f"/imports/{run.pk}/again/", {"replaces": str(first.pk)}).status_code >= 400
    run.refresh_from_db()
    assert "replaces" not in run.options


SPAN = st.tuples(st.integers(1, 28), st.integers(1, 28)).map(sorted).map(tuple)


@given(own=SPAN, others=st.lists(SPAN, max_size=5))
def test_days_covered_are_counted_once(own: tuple[int, int], others: list[tuple[int, int]]) -> None:
    spans = [(date(2025, 3, first), date(2025, 3, last)) for first, last in others]
    found = earlier._days_covered(date(2025, 3, own[0]), date(2025, 3, own[1]), spans)
    own_days = set(range(own[0], own[1] + 1))
    assert found == len(own_days & {day for first, last in others for day in range(first, last + 1)})


def test_the_digest_is_that_of_the_bytes(tmp_path: Any) -> None:
    for name, content in (("a", b"x"), ("b", b"x"), ("c", b"y")):
        (tmp_path / name).write_bytes(content)
    digests = [digest_of(tmp_path / name) for name in "abc"]
    assert (digests[0] == digests[1], digests[0] == digests[2]) == (True, False)
