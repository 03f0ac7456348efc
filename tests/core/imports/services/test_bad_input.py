"""Every bad input, with its exact message. A refused file changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from core.catalogue.models import Service
from core.clients.models import Client
from core.imports.services.options import ImportOptions, check_date_format, parse_delimiter, parse_mapping
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import Visit

Refusal = Callable[..., list[str]]
HEAD = "client_ref,started_at,amount,store_code,visit_ref\n"
pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def _nothing_changes(stores: list[Store]) -> object:
    yield
    assert Store.objects.count() == len(stores)
    assert not any(model.objects.exists() for model in (Visit, Client, Service, StaffMember))


def visits(*rows: str, head: str = HEAD) -> str:
    return head + "\n".join(rows) + "\n"


# --- the file


def test_no_file(refusal: Refusal, tmp_path: Path) -> None:
    assert refusal("visits", tmp_path / "none.csv") == [f"There is no file {tmp_path}/none.csv."]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file(refusal: Refusal, content: str) -> None:
    assert refusal("visits", content) == ["The file is empty."]


@pytest.mark.parametrize("content", [HEAD, HEAD + "\n\n", HEAD + ",,,,\n"])
def test_a_header_and_no_row(refusal: Refusal, content: str) -> None:
    assert refusal("visits", content) == ["The file has a header and no rows."]


def test_mixed_encodings(refusal: Refusal) -> None:
    content = HEAD.encode() + "王芳,2025-03-04,1,S1,1\n".encode() + "李娜,2025-03-04,1,S1,2\n".encode("gb18030")
    message = "The file mixes encodings: line 2 is UTF-8, line 3 is not. Save it again as UTF-8."
    assert refusal("visits", content, create_missing=True) == [message]


def test_an_unknown_encoding(refusal: Refusal) -> None:
    content = HEAD.encode() + b"Ren\x81\x98\xff,2025-03-04,1,S1,1\n"
    message = "The encoding of the file is not known: see line 2. Save it again as UTF-8."
    assert refusal("visits", content, create_missing=True) == [message]


def test_half_a_character_of_utf_16(refusal: Refusal) -> None:
    message = "The file begins as UTF-16 but cannot be read as such. Save it as UTF-8."
    assert refusal("visits", visits("C1,2025-03-04,1,S1,1").encode("utf-16") + b"x") == [message]


def test_a_cell_of_200_000_characters(refusal: Refusal) -> None:
    message = "Up to line 2, a cell holds more than 131,072 characters. Is a quotation mark there that is not closed?"
    assert refusal("visits", visits("x" * 200_000 + ",2025-03-04,1,S1,1")) == [message]


def test_a_quotation_mark_that_is_not_closed(refusal: Refusal) -> None:
    rows = ['"C1,2025-03-04,1,S1,1', *["no row of the table"] * 10_000]
    (message,) = refusal("visits", visits(*rows))
    assert message.startswith("Up to line ")
    assert message.endswith("a cell holds more than 131,072 characters. Is a quotation mark there that is not closed?")


def test_a_line_without_end(refusal: Refusal) -> None:
    assert refusal("visits", visits("x" * (2 << 20))) == ["Line 2 is longer than 1 MB."]


def test_rows_of_200_columns(refusal: Refusal) -> None:
    rows = ["C1,2025-03-04,1,S1,1" + ",x" * 195, "C2,2025-03-04,1,S1,2"]
    assert refusal("visits", visits(*rows), create_missing=True) == [
        "line 2: The row has 200 cells, the file 5 columns."
    ]


# --- workbooks


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_empty_workbook(refusal: Refusal) -> None:
    assert refusal("visits", workbook()) == ["The file is empty."]


def test_a_workbook_bomb(refusal: Refusal) -> None:
    out = BytesIO(workbook(["client_ref", "started_at"]))
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * (300 << 20))
    message = "The file unpacks to 300 MB, which no honest one of its size does. Save the sheet as CSV."
    assert refusal("visits", out.getvalue()) == [message]


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing more", workbook(["a"])[:-200]])
def test_a_damaged_workbook(refusal: Refusal, content: bytes) -> None:
    (said,) = refusal("visits", content)
    assert said.startswith("The workbook cannot be read: it is damaged, or locked with a password. Open it in Excel")


def test_a_workbook_wider_than_any(refusal: Refusal) -> None:
    message = "Line 1 has more than 500 columns. Leave out those that are not needed."
    assert refusal("visits", workbook([f"c{index}" for index in range(600)])) == [message]


# --- columns


def test_missing_columns(refusal: Refusal) -> None:
    assert refusal("visits", "client_ref,note\nC1,x\n") == [
        (
            "The file lacks what is needed: started_at, store_code. Say which column holds it, as in "
            "“Their Column=started_at”. Where all rows are of one store, name that store."
        )
    ]
    assert refusal("services", "service_code,name\nA,B\n") == [
        "The file lacks what is needed: category. Say which column holds it, as in “Their Column=category”."
    ]


def test_columns_mapped_to_one_field(refusal: Refusal) -> None:
    content = visits("C1,2025-03-04,1,S1,1,2", head="client_ref,started_at,amount,store_code,Net,Gross\n")
    mapping = {"Net": "amount", "Gross": "amount", "client_ref": "visit_ref", "store_code": "visit_ref"}
    assert refusal("visits", content, mapping=mapping) == [
        (
            "Two columns are to be visit_ref: “client_ref” and “store_code”. Leave one of the two out. "
            "Two columns are to be amount: “Net” and “Gross”. Leave one of the two out."
        )
    ]


def test_a_mapping_of_a_column_that_is_not_there(refusal: Refusal) -> None:
    assert refusal("visits", visits("C1,2025-03-04,1,S1,1"), mapping={"Nett": "amount"}) == [
        "The file has no column “Nett”. Its columns are: client_ref, started_at, amount, store_code, visit_ref."
    ]


def test_a_mapping_to_a_field_that_is_not_there(refusal: Refusal) -> None:
    assert refusal("services", "code,name,category\nA,B,C\n", mapping={"name": "categry"}) == [
        (
            "“categry” is no field of a services file. Did you mean category? There are: service_code, name, category, "
            "price, duration_min, interval_days."
        )
    ]


def test_listed_columns_that_do_not_fit(refusal: Refusal) -> None:
    options = {"header": False, "columns": ("client_ref", "started_at")}
    assert refusal("visits", "C1,2025-03-04,1\n", **options) == ["The file has 3 columns, 2 are listed."]


# --- dates


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "There has to be a value."),
        ("yesterday", "“yesterday” is no date."),
        ("2018-02-30", "“2018-02-30” is no date."),
        ("2018-13-01", "“2018-13-01” is no date."),
        ("1899-12-30", "“1899-12-30” lies before 1950."),
    ],
)
def test_dates_that_cannot_be_read(refusal: Refusal, cell: str, message: str) -> None:
    found = refusal("visits", visits(f"C1,{cell},1,S1,1"), create_missing=True)
    assert found == [f"line 2, started_at: {message}"]


def test_a_future_date(refusal: Refusal) -> None:
    tomorrow = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).date().isoformat()
    found = refusal("visits", visits(f"C1,{tomorrow},1,S1,1"), create_missing=True)
    assert found == [f"line 2, started_at: “{tomorrow}” lies in the future."]


def test_tomorrow_at_one_store_is_today_at_another(refusal: Refusal, bring: Callable[..., object]) -> None:
    Store.objects.filter(code="S1").update(time_zone="Pacific/Kiritimati")
    Store.objects.filter(code="S2").update(time_zone="Pacific/Pago_Pago")
    ahead = datetime.now(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
    bring("visits", visits(f",{ahead},1,S1,1"), dry_run=True)
    found = refusal("visits", visits(f",{ahead},1,S2,1"))
    assert found == [f"line 2, started_at: “{ahead}” lies in the future."]


def test_dates_against_the_format(refusal: Refusal) -> None:
    content = visits("C1,03/25/2018,1,S1,1", "C1,25/03/2018,1,S1,2", "C1,2018-03-25,1,S1,3")
    assert refusal("visits", content, create_missing=True, date_format="%m/%d/%Y") == [
        "line 3, started_at: “25/03/2018” is not written as %m/%d/%Y.",
    ]


def test_a_visit_with_two_dates(refusal: Refusal) -> None:
    content = visits("C1,2025-03-04,1,S1,7", "C2,2025-03-04,1,S1,7", "C1,2025-03-05,1,S1,7")
    message = "The rows of one visit give two dates: line 2 says 2025-03-04, line 4 2025-03-05."
    assert refusal("visits", content, create_missing=True) == [
        f"line 2, started_at: {message}",
        f"line 4, started_at: {message}",
    ]


# --- numbers


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "There has to be a value."),
        ("NaN", "“NaN” is not a number."),
        ("inf", "“inf” is not a number."),
        ("#N/A", "“#N/A” is not a number."),
        ("1e5", "“1e5” is not a number."),
        ("--5", "“--5” is not a number."),
        ('"1,2,3"', "“1,2,3” is not a number."),
        ('"1,23,45.00"', "“1,23,45.00” is not a number."),
        ("1000000000000", "“1000000000000” is too large an amount."),
    ],
)
def test_amounts_that_cannot_be_read(refusal: Refusal, cell: str, message: str) -> None:
    found = refusal("visits", visits(f"C1,2025-03-04,{cell},S1,1"), create_missing=True)
    assert found == [f"line 2, amount: {message}"]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("quantity", "0", "A quantity of 0 is no sale and no return."),
        ("quantity", "0.0", "A quantity of 0 is no sale and no return."),
        ("quantity", "1.2345", "“1.2345” is no quantity: at most three decimals."),
        ("quantity", "nan", "“nan” is not a number."),
        ("kind", "gift", "“gift” is not one of: service, product, card_sale."),
    ],
)
def test_other_values_that_cannot_be_read(refusal: Refusal, column: str, cell: str, message: str) -> None:
    content = visits(f",2025-03-04,1,S1,1,{cell}", head=HEAD.strip() + f",{column}\n")
    assert refusal("visits", content) == [f"line 2, {column}: {message}"]


# --- what cells name


def test_an_unknown_store(refusal: Refusal) -> None:
    assert refusal("visits", visits("C1,2025-03-04,1,S11,1", "C1,2025-03-04,1,,1"), create_missing=True) == [
        "line 3, store_code: There has to be a value.",
    ]


def test_an_unknown_store_named_for_the_file(refusal: Refusal) -> None:
    content = "client_ref,started_at,amount\nC1,2025-03-04,1\n"
    assert refusal("visits", content, store="s3") == ["There is no store “s3”."]
    assert refusal("visits", content, store="Nowhere") == ["There is no store “Nowhere”."]


def test_unknown_clients(refusal: Refusal) -> None:
    assert refusal("visits", visits("C1,2025-03-04,1,S1,1")) == ["line 2, client_ref: There is no client “C1”."]


def test_append_with_receipts(refusal: Refusal) -> None:
    message = "A file with receipts names its visits whole: --append is for files without a visit_ref column."
    assert refusal("visits", visits("C1,2025-03-04,1,S1,1"), append=True) == [message]


def test_a_text_too_long(refusal: Refusal) -> None:
    found = refusal("visits", visits("C" * 101 + ",2025-03-04,1,S1,1"), create_missing=True)
    assert found == ["line 2, client_ref: The text is 101 characters long; 100 are kept at most."]


def test_duplicate_codes(refusal: Refusal) -> None:
    message = "“A” is on line 2 already."
    assert refusal("services", "service_code,name,category\nA,B,C\nD,B,C\nA,B,C\n") == [
        f"line 4, service_code: {message}"
    ]
    assert refusal("staff", "staff_code,name,store_code\nA,B,S1\nA,B,S2\n") == [f"line 3, staff_code: {message}"]
    assert refusal("clients", "client_ref,name\nA,B\nA,B\n") == [f"line 3, client_ref: {message}"]
    content = "store_code,name,city\nA,B,上海\nA,B,北京\n"
    assert refusal("stores", content) == [f"line 3, store_code: {message}"]


def test_an_unknown_city(refusal: Refusal) -> None:
    head = "store_code,name,city,city_tier,region\n"
    assert refusal("stores", head + "A,B,阿克,,\n") == [
        (
            "line 2, city: The city “阿克” is not known: give its city_tier and region as well. "
            "Nearest known cities: 阿克苏, 阿里, 阿坝."
        )
    ]
    assert refusal("stores", head + "A,B,Atlantis,T1,\n") == [
        "line 2, city: The city “Atlantis” is not known: give its city_tier and region as well."
    ]


# --- options


@pytest.mark.parametrize("text", ["amount", "=amount", " =amount"])
def test_no_mapping(text: str) -> None:
    with pytest.raises(AppError, match="is no mapping") as caught:
        parse_mapping([text])
    assert caught.value.message == f'“{text}” is no mapping: write --map "Their Column=field".'


def test_a_column_mapped_twice() -> None:
    with pytest.raises(AppError) as caught:
        parse_mapping(["Net=amount", "Net=item"])
    assert caught.value.message == "The column “Net” is mapped twice."


def test_no_delimiter() -> None:
    with pytest.raises(AppError) as caught:
        parse_delimiter("dash")
    assert caught.value.message == "“dash” is no delimiter: use one of comma, semicolon, tab, pipe, whitespace."


@pytest.mark.parametrize("text", ["%m/%d", "dd/mm/yyyy", "%Q", "%H:%M", ""])
def test_no_date_format(text: str) -> None:
    with pytest.raises(AppError) as caught:
        check_date_format(text)
    assert caught.value.message == f"“{text}” is no date format: it has to say year, month and day, as in %m/%d/%Y."


def test_columns_and_header() -> None:
    with pytest.raises(AppError) as caught:
        ImportOptions(columns=("a",))
    assert caught.value.message == "Columns are listed for a file without a header only: say --no-header too."
    with pytest.raises(AppError) as caught:
        ImportOptions(header=False)
    assert (
        caught.value.message == "A file without a header needs its columns listed: --columns client_ref,-,started_at,…"
    )
