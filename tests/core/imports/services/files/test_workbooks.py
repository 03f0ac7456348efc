"""Workbooks as many programs write them, and the parts of one by what they are."""

import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.imports.services.file_source import FileSource
from core.imports.services.files.styles import meaning_of
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from tests.core.imports.hostile_files import MAIN, PARTS, write_book

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def rows(path: Path) -> list[list[str]]:
    with FileSource(path, "clients", ImportOptions(header=False, columns=("-",))) as source:
        return [row for chunk in source.chunks() for row in chunk.cells]


def saved(book: openpyxl.Workbook, path: Path) -> Path:
    book.save(path)
    return path


def test_every_kind_of_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["text", " trimmed ", "'=guarded", "王芳\nline", True, False, None, "end"])
    sheet.append([1, -7, 80.5, 1234.567, 1e-7, 123456789012345, 7.0, 1e21])
    sheet.append(
        [datetime.fromisoformat("2025-03-04 10:30"), date(2025, 3, 4), time(9, 5), timedelta(hours=30), "=1/0"]
    )
    sheet.append([datetime.fromisoformat("1900-01-31"), datetime.fromisoformat("2025-03-04 23:59:59.600")])
    assert rows(saved(book, tmp_path / "book.xlsx")) == [
        ["text", "trimmed", "=guarded", "王芳\nline", "true", "false", "", "end"],
        ["1", "-7", "80.5", "1234.567", "0.0000001", "123456789012345", "7", "1000000000000000000000"],
        ["2025-03-04 10:30:00", "2025-03-04", "09:05:00", "1 day, 6:00:00", "", "", "", ""],
        ["1900-01-31", "2025-03-04 23:59:59", "", "", "", "", "", ""],
    ]


def test_the_calendar_that_begins_in_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    book.active.append([date(2025, 3, 4)])
    assert rows(saved(book, tmp_path / "book.xlsx")) == [["2025-03-04"]]


def test_the_first_sheet_alone_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["first"])
    book.create_sheet("other").append(["second"])
    assert rows(saved(book, tmp_path / "book.xlsx")) == [["first"]]


def cells(path: Path, content: str, *, texts: str = "", styles: str = "") -> list[list[str]]:
    head, _unit, _tail = PARTS["cells.xml"]
    start, end = head[: head.index(b"<row")], b"</sheetData></worksheet>"
    pieces = {"cells.xml": (start + content.encode(), b"", end)}
    if texts:
        pieces["texts.xml"] = (f'<sst xmlns="{MAIN}">{texts}</sst>'.encode(), b"", b"")
    if styles:
        pieces["looks.xml"] = (f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'.encode(), b"", b"")
    write_book(path, 0, **pieces)
    return rows(path)


def test_texts_in_pieces_and_how_they_are_spoken(tmp_path: Path) -> None:
    spoken = "<si><r><t>东</t></r><r><t xml:space='preserve'>京 </t></r><rPh sb='0' eb='1'><t>とう</t></rPh></si>"
    inline = '<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is></c>'
    found = cells(tmp_path / "book.xlsx", f'<row><c t="s"><v>0</v></c>{inline}</row>', texts=spoken)
    assert found == [["东京", "ab"]]


def test_rows_and_cells_without_their_places(tmp_path: Path) -> None:
    content = (
        '<row><c><v>1</v></c></row><row r="5"><c r="C5"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>'
    )
    path = tmp_path / "book.xlsx"
    assert cells(path, content) == [["1"], ["", "", "2", "3"], ["4"]]
    with FileSource(path, "clients", ImportOptions(header=False, columns=("-",))) as source:
        assert [list(chunk.lines) for chunk in source.chunks()] == [[1, 5, 6]]


def test_values_of_formulas_errors_and_iso_dates(tmp_path: Path) -> None:
    content = (
        '<row><c><f>SUM(A1)</f><v>12</v></c><c t="str"><f>A1</f><v>x</v></c><c t="e"><v>#N/A</v></c>'
        '<c t="d"><v>2025-03-04T10:30:00Z</v></c><c t="d"><v>2025-03-04</v></c><c s="1"><v>1e300</v></c></row>'
    )
    styles = '<cellXfs><xf/><xf numFmtId="14"/></cellXfs>'
    found = cells(tmp_path / "book.xlsx", content, styles=styles)
    assert found == [["12", "x", "#N/A", "2025-03-04 10:30:00", "2025-03-04", "#VALUE!"]]


def test_dates_as_chinese_programs_number_their_formats(tmp_path: Path) -> None:
    styles = '<cellXfs><xf/><xf numFmtId="31"/><xf numFmtId="58"/></cellXfs>'
    content = '<row><c s="0"><v>45720</v></c><c s="1"><v>45720</v></c><c s="2"><v>45720.5</v></c></row>'
    found = cells(tmp_path / "book.xlsx", content, styles=styles)
    assert found == [["45720", "2025-03-04", "2025-03-04 12:00:00"]]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("General", None),
        ("0.00", None),
        ("#,##0.00_);[Red](#,##0.00)", None),
        ('"day" 0', None),
        ("\\d0", None),
        ("[$-409]0.00", None),
        ("yyyy-mm-dd", "date"),
        ('yyyy"年"m"月"d"日"', "date"),
        ("[$-804]yyyy/m/d", "date"),
        ("h:mm AM/PM", "date"),
        ("[h]:mm:ss", "duration"),
        ("[mm]:ss", "duration"),
        ("0;yyyy", None),
    ],
)
def test_formats_that_show_dates(code: str, meaning: str | None) -> None:
    assert meaning_of(code) == meaning


def test_the_strict_dialect(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["text", date(2025, 3, 4)])
    kept = BytesIO()
    book.save(kept)
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(MAIN.encode(), STRICT.encode()))
    assert rows(path) == [["text", "2025-03-04"]]


@pytest.mark.parametrize(
    "content",
    [
        '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
        '<row><c r="1"><v>1</v></c></row>',
        '<row><c r="é1"><v>1</v></c></row>',
        '<row><c t="s"><v>99</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        "<row><c><v>lots</v></c></row>",
        "<row><c><v>1</v></row>",
    ],
)
def test_nonsense_in_a_sheet(tmp_path: Path, content: str) -> None:
    with pytest.raises(AppError) as caught:
        cells(tmp_path / "book.xlsx", content)
    assert caught.value.code == "unreadable_workbook"


@pytest.mark.parametrize("part", ["texts.xml", "looks.xml", "book.xml", "_rels/book.xml.rels", "cells.xml"])
def test_large_parts_are_known_whatever_they_are_called(tmp_path: Path, part: str) -> None:
    """Each has a limit of its own, far below that of the sheet."""
    head, _unit, tail = PARTS[part]
    path = tmp_path / "book.xlsx"
    write_book(path, 110 << 20, **{part: (head, b" ", tail)})
    if part == "cells.xml":
        assert rows(path) == [["client_ref", "name"]]
        return
    with pytest.raises(AppError) as caught:
        rows(path)
    assert caught.value.code == "workbook_too_large"
