"""What is wrong with how a file is to be read stands at its place, and nothing that was said is lost."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from core.clients.models import Client
from core.imports.models import ImportProfile, ImportRun
from core.imports.runs.date_formats import date_formats
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.salons import text_of


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 400
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_two_columns_for_one_field(importer: Importer, receipts: ImportRun) -> None:
    response = importer.check(receipts, column_2="client_ref", store="S001")
    assert errors(response) == {"column_3": ["“Description” means this already. Leave one of the two out."]}
    assert response.context["form"]["store"].value() == "S001"
    assert receipts.status == "uploaded"
    assert not ImportProfile.objects.exists()


def test_a_needed_column_is_missing(importer: Importer, receipts: ImportRun) -> None:
    response = importer.check(receipts, column_1="-", column_4="-", store="S001")
    message = (
        "No column says this yet, and it is needed: Date, or date and time. Choose it at the column that holds it."
    )
    assert errors(response) == {"__all__": [message]}


def test_the_only_store_need_not_be_named(importer: Importer, receipts: ImportRun, store: Store) -> None:
    importer.check(receipts, create_missing="on")
    importer.bring_in(receipts)
    assert set(Visit.objects.values_list("store", flat=True)) == {store.pk}


def test_nothing_names_the_store(importer: Importer, receipts: ImportRun) -> None:
    Store.objects.create(code="S002", name="Acme Two")
    response = importer.check(receipts)
    assert errors(response) == {"store": ["No column names the store. Choose the store that all rows are of."]}
    assert 'aria-invalid="true"' in response.content.decode()


def test_clients_numbered_by_store_need_the_store(importer: Importer, store: Store) -> None:
    Store.objects.create(code="S002", name="Acme Two")
    run = importer.uploaded("client_ref,name\n17,Kert\n", "clients")
    assert list(errors(importer.check(run, client_ref_per_store="on"))) == ["store"]
    importer.check(run, client_ref_per_store="on", store="S001")
    assert run.status == "done"


def test_ambiguous_dates_show_both_readings(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount\n03/04/2018,A,5\n04/04/2018,B,6\n")
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "“03/04/2018” is 4 Mar 2018 %m/%d/%Y “03/04/2018” is 3 Apr 2018 %d/%m/%Y" in text
    importer.check(run, store="S001", create_missing="on", date_format="%d/%m/%Y")
    assert run.status == "done"
    assert importer.said(run)["date_format"] == "%d/%m/%Y"


def test_dates_that_are_asked_about_are_offered_once(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount\n03/04/2018,A,5\n04/05/2018,B,6\n")
    importer.check(run, store="S001", create_missing="on")
    page = importer.client.get(f"/imports/{run.pk}/").content.decode()
    assert 'name="answer:dates:started_at"' in page
    assert 'name="date_format"' not in page
    importer.client.post(f"/imports/{run.pk}/answers/", {"answer:dates:started_at": "dmy"})
    run.refresh_from_db()
    assert run.status == "done"
    page = importer.client.get(f"/imports/{run.pk}/").content.decode()
    assert 'name="date_format"' not in page
    importer.check(run, store="S001", create_missing="on")
    assert run.options["answers"] == {"dates:started_at": "dmy"}
    assert run.options["date_format"] is None


@pytest.mark.parametrize(
    ("said", "message"),
    [("", "Say how dates are written."), ("%m/%d", "“%m/%d” is no date format: it has to say year, month and day")],
)
def test_another_way_has_to_be_a_format(importer: Importer, receipts: ImportRun, said: str, message: str) -> None:
    found = errors(importer.check(receipts, store="S001", date_format="other", other_format=said))
    assert found["other_format"][0].startswith(message)


def test_another_way_is_kept(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount\n2018~3~4,A,5\n")
    importer.check(run, store="S001", create_missing="on", date_format="other", other_format="%Y~%m~%d")
    assert run.status == "done"
    said = importer.said(run)
    assert (said["date_format"], said["other_format"]) == ("other", "%Y~%m~%d")


def test_each_of_two_columns_of_one_heading_has_its_own_choice(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Client,Amount\n2018-03-04,A17,Anna,5\n")
    assert [importer.said(run)[f"column_{index}"] for index in (1, 2)] == ["client_ref", "client_name"]
    importer.check(run, column_1="-", column_2="client_ref", store="S001", create_missing="on")
    importer.bring_in(run)
    assert [client.ref for client in Client.objects.all()] == ["Anna"]


def test_a_file_whose_clients_no_column_names_is_not_called_sound(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Who,Amount\n2018-03-04,A17,5\n2018-03-05,A17,5\n")
    importer.check(run, store="S001", create_missing="on")
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "The file is sound" not in text
    assert "No column names the client: no repurchase can be counted." in text
    importer.client.post(f"/imports/{run.pk}/answers/", {"answer:client:none": "Who"})
    run.refresh_from_db()
    importer.bring_in(run)
    assert [client.ref for client in Client.objects.all()] == ["A17"]


def test_receipts_are_not_appended(importer: Importer, receipts: ImportRun) -> None:
    found = errors(importer.check(receipts, store="S001", append="on"))
    assert found["append"] == [
        "Receipts name their visits whole: untick this, or leave the column of receipt numbers out."
    ]


def test_what_the_file_is_refused_for_stands_on_top(importer: Importer, store: Store) -> None:
    run = importer.uploaded(RECEIPTS.splitlines()[0] + "\n")
    importer.check(run, store="S001")
    assert run.status == "refused"
    assert "The file has a header and no rows." in text_of(importer.client.get(f"/imports/{run.pk}/"))


def test_a_date_far_down_the_file_that_is_ambiguous_is_asked(importer: Importer, store: Store) -> None:
    rows = "".join(f"2018-03-04,A{number},5\n" for number in range(4100))
    run = importer.uploaded(f"Date,Client,Amount\n{rows}03/04/2018,B,6\n")
    importer.check(run, store="S001", create_missing="on")
    assert run.status == "refused"
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "“03/04/2018” is 4 Mar 2018 (month/day/year)" in text
    importer.client.post(f"/imports/{run.pk}/answers/", {"answer:dates:started_at": "dmy"})
    run.refresh_from_db()
    assert run.status == "done"


def test_a_workbook_of_dates_as_texts_offers_how_they_are_written(importer: Importer, store: Store) -> None:
    book = Workbook()
    assert book.active
    for row in (["Date", "Client", "Amount"], ["05/03/2025", "A", 5], ["06/04/2025", "B", 6]):
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    run = importer.uploaded(content.getvalue())
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "“05/03/2025” is 3 May 2025 %m/%d/%Y “05/03/2025” is 5 Mar 2025 %d/%m/%Y" in text
    importer.check(run, store="S001", create_missing="on", date_format="%d/%m/%Y")
    assert (run.status, run.summary["created"]) == ("done", 2)


def test_many_columns_are_shown(importer: Importer, store: Store) -> None:
    headings = ",".join(f"c{number}" for number in range(200))
    run = importer.uploaded(f"{headings}\n{','.join('1' * 200)}\n")
    assert len(importer.client.get(f"/imports/{run.pk}/").context["form"].columns) == 200


@pytest.mark.parametrize(
    ("cells", "without", "fitting"),
    [
        (["2018-03-04"], "2018-03-04", []),
        (["2018-03-04 10:30", "20180304"], "2018-03-04", []),
        (["12/25/2018"], "2018-12-25", []),
        (["03/04/2018 9:00", "25/12/2018 10:30"], "2018-04-03", []),
        (["03/04/2018", "05/05/2018"], None, ["%m/%d/%Y", "%d/%m/%Y"]),
        (["250304"], None, ["%y%m%d"]),
        (["nonsense"], None, []),
        ([], None, []),
    ],
)
def test_how_dates_are_read_or_what_is_offered(cells: list[str], without: str | None, fitting: list[str]) -> None:
    found = date_formats(cells, today=date(2025, 6, 1))
    read = found.without_format.day.isoformat() if found.without_format else None
    assert (read, [reading.date_format for reading in found.fitting]) == (without, fitting)


def test_a_format_is_shown_by_a_date_that_tells_it_from_others() -> None:
    found = date_formats(["04/04/2018", "03/04/2018"], today=date(2025, 6, 1))
    assert [reading.sample for reading in found.fitting] == ["03/04/2018", "03/04/2018"]


def test_rows_are_left_out_and_all_are_paid_by_card(importer: Importer, receipts: ImportRun) -> None:
    found = errors(importer.check(receipts, store="S001", leave_out_words="Colour"))
    assert found == {"leave_out_column": ["Say which column it is."]}
    said = {"leave_out_column": "Description", "leave_out_words": "colour， Tint", "all_by_card": "on"}
    importer.check(receipts, store="S001", create_missing="on", **said)
    assert {name: importer.said(receipts)[name] for name in said} == {**said, "leave_out_words": "colour, Tint"}
    importer.bring_in(receipts)
    assert receipts.summary["created"] == 2
    assert set(VisitLine.objects.values_list("paid_by_card", flat=True)) == {True}


def test_all_who_come_in_the_first_file_are_new(importer: Importer, receipts: ImportRun, store: Store) -> None:
    """Until there are clients, and unless it was said otherwise."""
    assert importer.said(receipts)["create_missing"] == "on"
    importer.check(receipts, create_missing=None)
    assert "create_missing" not in importer.said(receipts)
    Client.objects.create(ref="X")
    assert "create_missing" not in importer.said(importer.uploaded(RECEIPTS))
