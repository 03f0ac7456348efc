"""The way of a file through the pages: upload, columns, check, import, summary."""

import csv
import io

import openpyxl
import pytest

from core.clients.models import Client
from core.imports.models import ImportProfile, ImportRun
from core.imports.services.options import WHITESPACE
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.salons import text_of

BAD = RECEIPTS.replace(",120\n", ",lots\n").replace(",70\n", ",=1+1\n")


def test_an_empty_list_says_what_to_do_first(importer: Importer) -> None:
    text = text_of(importer.client.get("/imports/"))
    assert "Begin with the list of stores" in text
    assert "Import stores Import clients Import visits" in text
    assert importer.client.get("/imports/new/?kind=stores").context["form"]["kind"].value() == "stores"


def test_the_columns_are_shown_recognised_with_samples(importer: Importer, receipts: ImportRun) -> None:
    response = importer.client.get(f"/imports/{receipts.pk}/")
    text = text_of(response)
    assert response.context["form"].chosen == ["visit_ref", "started_at", "item", "client_ref", "amount"]
    assert "KERT01 COOM01" in text
    # A date of the column shows how the others are written.
    assert "recognised by itself: “03/15/2018” is 15 Mar 2018 another way" in text
    assert response.context["form"]["date_format"].value() == "auto"


def test_checked_then_imported(importer: Importer, receipts: ImportRun) -> None:
    assert importer.check(receipts, store="S001", create_missing="on").status_code == 302
    assert (receipts.status, receipts.dry_run) == ("done", True)
    text = text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    assert "The file is sound Rows read 3 Would be new 3 Would change 0 As known already 0 Rows left out 0" in text
    assert not Visit.objects.exists()
    importer.bring_in(receipts)
    assert (receipts.status, receipts.dry_run) == ("done", False)
    assert Visit.objects.count() == 3
    assert "Rows read 3 New 3 Changed 0" in text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    listed = text_of(importer.client.get("/imports/"))
    assert "Visits receipts.csv hq@acme.test" in listed
    assert "imported 3 3 0 0" in listed


def test_the_same_file_again_changes_nothing(importer: Importer, receipts: ImportRun) -> None:
    importer.check(receipts, store="S001", create_missing="on")
    importer.bring_in(receipts)
    second = importer.uploaded(RECEIPTS)
    importer.check(second, store="S001")
    importer.bring_in(second)
    assert second.summary["unchanged"] == 3
    assert Visit.objects.count() == 3


def test_a_corrected_meaning_is_remembered_for_the_chain(importer: Importer, store: Store) -> None:
    strange = RECEIPTS.replace("Client", "Whom").replace("Description", "Tax")
    first = importer.uploaded(strange)
    assert importer.said(first)["column_3"] == "-"
    importer.check(first, column_3="client_ref", column_2="-", store="S001", create_missing="on")
    assert first.status == "done"
    mapping = ImportProfile.objects.get(kind="visits").options["mapping"]
    assert (mapping["Whom"], mapping["Tax"]) == ("client_ref", "-")
    assert importer.said(importer.uploaded(strange))["column_3"] == "client_ref"
    assert importer.said(importer.uploaded(RECEIPTS))["column_2"] == "item"


def test_words_without_headings_are_recognised_as_such(importer: Importer, store: Store) -> None:
    run = importer.uploaded(" 00004  1 19970101 2 29.33\n 00004  1 19970118 2 29.73\n 00021 2 19970101 3 63.34\n")
    assert (run.options["header"], run.options["delimiter"]) == (False, WHITESPACE)
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "Column 1 00004 00021" in text
    columns = {"column_0": "client_ref", "column_2": "started_at", "column_3": "quantity", "column_4": "amount"}
    importer.check(run, **columns, store="S001", create_missing="on")
    importer.bring_in(run)
    assert run.summary["created"] == 3
    assert Client.objects.count() == 2


def test_another_layout_is_shown_before_it_is_checked(importer: Importer, receipts: ImportRun) -> None:
    importer.check(receipts, heading_row="0", store="S001")
    assert receipts.status == "uploaded"
    assert importer.said(receipts)["store"] == "S001"
    assert "Column 1 Receipt 1 2" in text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    importer.check(receipts, heading_row="1")
    assert importer.said(receipts)["column_0"] == "visit_ref"
    importer.check(receipts, delimiter=";")
    assert len(importer.client.get(f"/imports/{receipts.pk}/").context["form"].chosen) == 1


def test_a_workbook(importer: Importer, store: Store) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(RECEIPTS.replace("03/15/2018", "2018-03-15"))):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    run = importer.uploaded(kept.getvalue(), name="receipts.xlsx")
    assert "delimiter" not in importer.said(run)
    assert "KERT01 COOM01" in text_of(importer.client.get(f"/imports/{run.pk}/"))


def test_bad_rows_are_listed_and_can_be_left_out_and_corrected(importer: Importer, store: Store) -> None:
    run = importer.uploaded(BAD)
    importer.check(run, store="S001", create_missing="on")
    assert run.status == "refused"
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "2 of 3 rows cannot be read; nothing was imported." in text
    assert "error “=1+1” is not a number. Change what the column means line 3: =1+1 line 4: lots Amount 2" in text
    bad = b"".join(importer.client.get(f"/imports/{run.pk}/rejects.csv").streaming_content).decode()
    assert "“lots” is not a number." in bad
    importer.bring_in(run, skip_bad_rows="1")
    assert (run.status, run.summary["created"], run.summary["rejected"]) == ("done", 1, 2)
    assert "2 rows were left out." in text_of(importer.client.get(f"/imports/{run.pk}/"))

    response = importer.client.get(f"/imports/{run.pk}/rejects.csv")
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="visits-rejects.csv"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "'=1+1" in content.decode()

    corrected = content.decode().replace("lots", "120").replace("'=1+1", "70")
    assert importer.client.get(f"/imports/new/?corrects={run.pk}").context["form"]["kind"].value() == "visits"
    again = importer.run(importer.upload(corrected, query=f"?corrects={run.pk}"))
    assert importer.said(again)["store"] == "S001"
    importer.check(again)
    importer.bring_in(again)
    assert again.summary["created"] == 2
    assert Visit.objects.count() == 3


def test_what_the_chain_lacks_can_be_added_from_where_it_is_missed(importer: Importer, receipts: ImportRun) -> None:
    importer.check(receipts, store="S001", create_missing=None)
    page = f"/imports/{receipts.pk}/"
    assert receipts.status == "refused"
    text = text_of(importer.client.get(page))
    assert "The file names clients, staff, services or member tiers that the chain does not have yet." in text
    assert "Import the good rows only" not in text, "there is none"
    assert importer.client.post(f"{page}again/", {"create_missing": "1"}).status_code == 302
    receipts.refresh_from_db()
    assert (receipts.status, receipts.dry_run) == ("done", True)
    text = text_of(importer.client.get(page))
    assert "The file is sound" in text
    assert "does not have yet" not in text
    assert not Client.objects.exists(), "a check changes nothing"

    bad = importer.uploaded(BAD)
    importer.check(bad, store="S001", create_missing="on")
    text = text_of(importer.client.get(f"/imports/{bad.pk}/"))
    assert "does not have yet" not in text, "that is not what they are refused for"
    assert "Import the good rows only" in text


TWO_QUESTIONS = "client_ref,started_at,amount,status\nC1,03/04/2025,5,Parked\nC2,05/04/2025,6,Parked\n"


@pytest.mark.parametrize(
    ("path", "pressed"), [("again/", {"create_missing": "1"}), ("", {"store": "S001", "heading_row": "1"})]
)
def test_an_answer_that_was_chosen_is_kept_whichever_button_is_pressed(
    importer: Importer, store: Store, path: str, pressed: dict[str, str]
) -> None:
    run = importer.uploaded(TWO_QUESTIONS)
    importer.check(run, store="S001", create_missing=None)
    assert run.status == "refused"
    columns = {f"column_{index}": name for index, name in enumerate(("client_ref", "started_at", "amount", "status"))}
    answer = {"answer:status:Parked": "leave_out", "answer:dates:started_at": "no such choice"}
    importer.client.post(f"/imports/{run.pk}/{path}", {**columns, **pressed, **answer})
    run.refresh_from_db()
    assert run.options["answers"] == {"status:Parked": "leave_out"}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stores", "store_code,name,city\nS002,Second,上海\n"),
        ("staff", "staff_code,name,store_code\nJJ,Jin,S001\n"),
        ("services", "service_code,name,category\nC1,Cut,Hair\n"),
        ("clients", "client_ref,name\nKERT01,Kert\n"),
    ],
)
def test_every_kind_comes_in(importer: Importer, store: Store, kind: str, content: str) -> None:
    run = importer.uploaded(content, kind)
    importer.check(run)
    importer.bring_in(run)
    assert run.summary["created"] == 1
    assert "New 1" in text_of(importer.client.get(f"/imports/{run.pk}/"))


def test_what_is_imported_is_not_imported_twice(importer: Importer, receipts: ImportRun) -> None:
    importer.check(receipts, store="S001", create_missing="on")
    importer.bring_in(receipts)
    for response in (importer.bring_in(receipts), importer.client.post(f"/imports/{receipts.pk}/", {})):
        assert response.status_code == 409
        assert "This file has been imported already." in text_of(response)
