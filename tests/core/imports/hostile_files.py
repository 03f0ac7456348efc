"""Files made to use up a machine. Each is written in a moment; `size` is about how many bytes it is to have."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OVERRIDES = "".join(
    f'<Override PartName="/{name}.xml" '
    f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
    for name, kind in (("book", "sheet.main"), ("cells", "worksheet"), ("texts", "sharedStrings"), ("looks", "styles"))
)
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (ord("b") + level, b"&%c;" % (ord("a") + level) * 10) for level in range(9))
    + b"]>"
)
Make = Callable[[Path, int], None]
Pieces = tuple[bytes, bytes, bytes]


def repeated(before: bytes, unit: bytes, after: bytes = b"") -> Make:
    def make(path: Path, size: int) -> None:
        block = unit * max(1, (1 << 20) // len(unit))
        with path.open("wb") as file:
            file.write(before)
            for _ in range(max(1, size // len(block))):
                file.write(block)
            file.write(after)

    return make


TEXTS: dict[str, Make] = {
    "blank lines": repeated(b"", b"\n"),
    "blank lines in the middle": repeated(b"client_ref\nA\n", b"\n", b"B\n"),
    "blank cells": repeated(b"client_ref,name\n", b",,,,,,\n"),
    "spaces": repeated(b"client_ref,name\n", b" "),
    "a line without end": repeated(b"client_ref,name\n", b"x"),
    "no line end": repeated(b"", b"x,"),
    "no line end in UTF-16": repeated(b"\xff\xfe", b"x\0"),
    "no line end in UTF-16, astral": repeated(b"\xff\xfe", "𝄞".encode("utf-16-le")),
    "carriage returns in GB18030": repeated(b"", "王\r".encode("gb18030")),
    "odd lines in GB18030": repeated(b"", b"\x81\x40\n"),
    "bytes of no encoding": repeated(b"", b"\xff"),
    "zero bytes": repeated(b"a,b\n", b"\0"),
    "a quotation mark that is not closed": repeated(b'client_ref,name\n"', b"x\n"),
    "quotation marks": repeated(b"client_ref,name\n", b'"'),
    "quotation marks of empty cells": repeated(b"client_ref,name\n", b'"",'),
    "a row without end": repeated(b"client_ref,name\n", b'"' + "𝄞".encode() + b"x" * 60_000 + b'\n",'),
    "a heading without end": repeated(b"", b'"' + "𝄞".encode() + b"x" * 60_000 + b'\n",'),
    "wide heading": repeated(b"", b"c,", b"\n1\n"),
    "wide rows": repeated(b"client_ref,name\n", b"x," * 100_000 + b"\n"),
    "words": repeated(b"a b c\n", b"a " * 500_000 + b"\n"),
    "short rows": repeated(b"client_ref\n", b"x\n"),
    "long cells": repeated(b"client_ref,name\n", b"A," + b"x" * 130_000 + b"\n"),
}


def relationship(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def relationships(*each: str) -> bytes:
    return f'<Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'.encode()


PARTS: dict[str, Pieces] = {
    "[Content_Types].xml": (f'<Types xmlns="{TYPES}">{OVERRIDES}'.encode(), b"", b"</Types>"),
    "_rels/.rels": (relationships(relationship(1, "officeDocument", "book.xml")), b"", b""),
    "book.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" r:id="r1"/>'.encode(),
        b"",
        b"</sheets></workbook>",
    ),
    "_rels/book.xml.rels": (
        relationships(
            relationship(1, "worksheet", "cells.xml"),
            relationship(2, "sharedStrings", "texts.xml"),
            relationship(3, "styles", "looks.xml"),
        )[:-16],
        b"",
        b"</Relationships>",
    ),
    "texts.xml": (
        f'<sst xmlns="{MAIN}"><si><t>client_ref</t></si><si><t>name</t></si>'.encode(),
        b"",
        b"</sst>",
    ),
    "looks.xml": (f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/>'.encode(), b"", b"</cellXfs></styleSheet>"),
    "cells.xml": (
        f'<worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'.encode(),
        b"",
        b"</sheetData></worksheet>",
    ),
}


def write_book(path: Path, size: int, compression: int = ZIP_STORED, **pieces: Pieces) -> None:
    """A small workbook, one part of which repeats its middle piece up to that size."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, (before, unit, after) in {**PARTS, **pieces}.items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(before)
                block = unit * max(1, (1 << 20) // max(1, len(unit)))
                for _ in range(size // len(block) if block else 0):
                    part.write(block)
                part.write(after)


def in_part(name: str, unit: bytes, *, before: bytes = b"", after: bytes = b"") -> Make:
    """In its place a part goes on and on."""

    def make(path: Path, size: int) -> None:
        head, _unit, tail = PARTS[name]
        write_book(path, size, **{name: (head + before, unit, after + tail)})

    return make


def in_texts(unit: bytes, *, before: bytes = b"", after: bytes = b"") -> Make:
    """A cell names a text behind them all."""

    def make(path: Path, size: int) -> None:
        head, _unit, tail = PARTS["texts.xml"]
        start, _none, end = PARTS["cells.xml"]
        cells = (start + b'<row><c t="s"><v>99999999</v></c></row>', b"", end)
        write_book(path, size, **{"texts.xml": (head + before, unit, after + tail), "cells.xml": cells})

    return make


def row(place: str, text: str = "x") -> bytes:
    number = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{number}"><c r="{place}" t="str"><v>{text}</v></c></row>'.encode()


def small(name: str, unit: bytes) -> Make:
    """Once, and no more."""

    def make(path: Path, _size: int) -> None:
        head, _unit, tail = PARTS[name]
        write_book(path, 0, **{name: (head + unit, b"", tail)})

    return make


def laughing(name: str) -> Make:
    def make(path: Path, _size: int) -> None:
        head, _unit, tail = PARTS[name]
        write_book(path, 0, **{name: (LAUGHS + head, b"", b"<t>&j;</t>" + tail)})

    return make


def many_parts(path: Path, size: int) -> None:
    """Entries of one name that all lie at one place: a directory of the archive of about that size."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("a", b"")
    start = kept.getvalue()
    at = start.index(b"PK\x01\x02")
    entry = start[at : start.index(b"PK\x05\x06")]
    count = size // len(entry)
    with path.open("wb") as file:
        file.write(start[:at])
        for _ in range(count // 10_000):
            file.write(entry * 10_000)
        count = count // 10_000 * 10_000
        length = count * len(entry)
        file.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, length, at))
        file.write(struct.pack("<IIQI", 0x07064B50, 0, at + length, 1))
        file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))


def bomb(path: Path, size: int) -> None:
    """A thousand times as large as it looks."""
    head, _unit, tail = PARTS["cells.xml"]
    write_book(path, size * 20, ZIP_DEFLATED, **{"cells.xml": (head, b'<row><c t="str"><v>x</v></c></row>', tail)})


def lying(path: Path, size: int) -> None:
    """Its directory and the entry itself say that the large part is small."""
    head, _unit, tail = PARTS["cells.xml"]
    write_book(path, size, ZIP_DEFLATED, **{"cells.xml": (head, b"<row><c/></row>", tail)})
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("cells.xml").file_size
    content = path.read_bytes()
    path.write_bytes(
        content.replace(struct.pack("<I", real), struct.pack("<I", 2000)).replace(
            struct.pack("<Q", real), struct.pack("<Q", 2000)
        )
    )


def one_upon_another(path: Path, _size: int) -> None:
    """Two entries of the directory name the same bytes."""
    write_book(path, 0)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first, last = archive.getinfo("[Content_Types].xml"), archive.getinfo("cells.xml")
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 42, first.header_offset)
    struct.pack_into("<I", content, at + 20, last.compress_size * 100)
    path.write_bytes(content)


def flagged(flag: int, compression: int) -> Make:
    """Encrypted, or packed in a way whose dictionary can be gigabytes."""

    def make(path: Path, _size: int) -> None:
        write_book(path, 0)
        content = bytearray(path.read_bytes())
        at = -1
        while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
            struct.pack_into("<HH", content, at + 8, flag, compression)
        path.write_bytes(content)

    return make


def long_texts_everywhere(path: Path, size: int) -> None:
    """A hundred long texts, and cells that hold them ever again."""
    texts = b"".join(b"<si><t>%s</t></si>" % ("𝄞" + "x" * 120_000).encode() for _ in range(100))
    cells = b"".join(b'<row><c t="s"><v>%d</v></c></row>' % (2 + number) for number in range(100))
    head, _unit, tail = PARTS["texts.xml"]
    start, _none, end = PARTS["cells.xml"]
    write_book(path, size, **{"texts.xml": (head + texts, b"", tail), "cells.xml": (start, cells, end)})


BOOKS: dict[str, Make] = {
    "a row far away": small("cells.xml", row("A100000000000")),
    "a row beyond the sheet": small("cells.xml", row("A1048577")),
    "a column far away": small("cells.xml", row("ZZZZZZ2")),
    "a column beyond the sheet": small("cells.xml", row("XFE2")),
    "entities in a sheet": laughing("cells.xml"),
    "entities in texts": laughing("texts.xml"),
    "entities in the list of sheets": laughing("book.xml"),
    "entities in styles": laughing("looks.xml"),
    "entities in relationships": laughing("_rels/book.xml.rels"),
    "blank rows": in_part("cells.xml", b"<row/>"),
    "blank cells": in_part("cells.xml", b"<c/>", before=b"<row>", after=b"</row>"),
    "blank cells of many rows": in_part("cells.xml", b"<row>" + b'<c s="1"/>' * 50 + b"</row>"),
    "a row without end": in_part("cells.xml", b'<c r="C2" t="str"><v>xxxxx</v></c>', before=b"<row>", after=b"</row>"),
    "a wide row": in_part("cells.xml", b'<c t="str"><v>x</v></c>', before=b"<row>", after=b"</row>"),
    "a cell without end": in_part("cells.xml", b"x", before=b'<row><c t="str"><v>', after=b"</v></c></row>"),
    "a tag without end": in_part("cells.xml", b"x", before=b'<row spans="', after=b'"/>'),
    "attributes without end": in_part("cells.xml", b' a="1"', before=b"<row", after=b"/>"),
    "nesting without end": in_part("cells.xml", b"<a>"),
    "a comment without end": in_part("cells.xml", b"x", before=b"<!--", after=b"-->"),
    "texts": in_texts(b"<si><t>some text</t></si>"),
    "empty texts": in_texts(b"<si/>"),
    "a text without end": in_texts(b"x", before=b"<si><t>", after=b"</t></si>"),
    "texts that no cell holds": in_part("texts.xml", b"<si><t>some text</t></si>"),
    "styles": in_part("looks.xml", b"<xf/>"),
    "formats": in_part("looks.xml", b'<numFmt numFmtId="200" formatCode="[[[[[[[[[[yyyy"/>'),
    "sheets": in_part("book.xml", b'<sheet name="b" r:id="r9"/>'),
    "relationships": in_part("_rels/book.xml.rels", relationship(9, "worksheet", "none.xml").encode()),
    "content types": in_part("[Content_Types].xml", b"<x/>"),
    "texts that many cells share": long_texts_everywhere,
    "parts": many_parts,
    "a bomb": bomb,
    "a part larger than it says": lying,
    "parts that lie on one another": one_upon_another,
    "encrypted": flagged(1, ZIP_STORED),
    "packed by LZMA": flagged(0, zipfile.ZIP_LZMA),
    "a number without end": small("cells.xml", b"<row><c><v>" + b"9" * 100_000 + b"</v></c></row>"),
    "a date without end": small("cells.xml", b'<row><c s="0"><v>1e300</v></c></row>'),
}


XML = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
_SHEET = b'<Worksheet Name="a"><Table><Row><Cell><Data>client_ref</Data></Cell><Cell><Data>name</Data></Cell></Row>'
_CELL = b"<Cell><Data>x</Data></Cell>"
XML_BOOKS: dict[str, Make] = {
    "rows": repeated(XML + _SHEET, b"<Row>" + _CELL + b"</Row>", b"</Table></Worksheet></Workbook>"),
    "blank rows": repeated(XML + _SHEET, b"<Row/>", b"</Table></Worksheet></Workbook>"),
    "a wide row": repeated(XML + _SHEET + b"<Row>", _CELL),
    "a cell without end": repeated(XML + _SHEET + b"<Row><Cell><Data>", b"x"),
    "a tag without end": repeated(XML + _SHEET + b'<Row a="', b"x"),
    "nesting without end": repeated(XML + _SHEET, b"<Row>"),
    "sheets": repeated(
        XML, b'<Worksheet Name="a"><Table><Row>' + _CELL + b"</Row></Table></Worksheet>", b"</Workbook>"
    ),
    "merged cells": repeated(XML + _SHEET, b'<Row><Cell MergeDown="2"><Data>x</Data></Cell></Row>'),
    "styles": repeated(XML, b'<Style ID="a"><NumberFormat Format="yyyy"/></Style>'),
    "entities": repeated(LAUGHS.replace(b" x ", b" Workbook ") + XML[21:] + _SHEET + b"<Row><Cell><Data>&j;", b" "),
}

FILES: dict[str, Make] = {
    **{f"text: {name}": make for name, make in TEXTS.items()},
    **{f"workbook: {name}": make for name, make in BOOKS.items()},
    **{f"xml: {name}": make for name, make in XML_BOOKS.items()},
}

# What they are refused with, at some megabytes; the others are read, or their blank rows are passed over.
REFUSED = {
    "text: blank lines": "too_many_blank_rows",
    "text: blank lines in the middle": "too_many_blank_rows",
    "text: spaces": "line_too_long",
    "text: a line without end": "line_too_long",
    "text: no line end": "line_too_long",
    "text: no line end in UTF-16": "line_too_long",
    "text: no line end in UTF-16, astral": "cell_too_long",
    "text: odd lines in GB18030": "unknown_encoding",
    "text: bytes of no encoding": "line_too_long",
    "text: zero bytes": "not_text",
    "text: a quotation mark that is not closed": "cell_too_long",
    "text: quotation marks": "line_too_long",
    "text: quotation marks of empty cells": "line_too_long",
    "text: wide heading": "line_too_long",
    "text: wide rows": "too_wide",
    "text: words": "cell_too_long",
    "xml: a wide row": "too_wide",
    "xml: a cell without end": "cell_too_long",
    "xml: a tag without end": "unreadable_workbook",
    "xml: nesting without end": "unreadable_workbook",
    "xml: merged cells": "unreadable_workbook",
    "xml: styles": "unreadable_workbook",
    "xml: entities": "unreadable_workbook",
    "workbook: relationships": "workbook_too_large",
    "workbook: a row far away": "beyond_sheet",
    "workbook: a row beyond the sheet": "beyond_sheet",
    "workbook: a column far away": "beyond_sheet",
    "workbook: a column beyond the sheet": "beyond_sheet",
    "workbook: entities in a sheet": "unreadable_workbook",
    "workbook: entities in texts": "unreadable_workbook",
    "workbook: entities in the list of sheets": "unreadable_workbook",
    "workbook: entities in styles": "unreadable_workbook",
    "workbook: entities in relationships": "unreadable_workbook",
    "workbook: blank cells": "beyond_sheet",
    "workbook: a wide row": "too_wide",
    "workbook: a cell without end": "cell_too_long",
    "workbook: a tag without end": "unreadable_workbook",
    "workbook: attributes without end": "unreadable_workbook",
    "workbook: nesting without end": "unreadable_workbook",
    "workbook: a comment without end": "unreadable_workbook",
    "workbook: texts": "unreadable_workbook",
    "workbook: empty texts": "unreadable_workbook",
    "workbook: a text without end": "cell_too_long",
    "workbook: styles": "workbook_too_large",
    "workbook: sheets": "workbook_too_large",
    "workbook: texts that many cells share": "too_much_memory",
    "workbook: parts": "workbook_too_large",
    "workbook: a bomb": "workbook_bomb",
    "workbook: a part larger than it says": "unreadable_workbook",
    "workbook: parts that lie on one another": "workbook_bomb",
    "workbook: encrypted": "unreadable_workbook",
    "workbook: packed by LZMA": "unreadable_workbook",
    "workbook: a number without end": "unreadable_workbook",
}
