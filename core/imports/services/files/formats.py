"""What a file is: told by its first bytes, never by its name."""

import mmap
import re
from pathlib import Path

from core.imports.services.files.problems import FileProblem, gettext_noop

TEXT, PAGE, ZIP, XML_BOOK = "text", "page", "zip", "xml"
# As the library names them.
OLD_BOOK, BINARY_BOOK, OPEN_DOCUMENT = "xls", "xlsb", "ods"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGE = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|style|script|table|div|center|font)\b", re.IGNORECASE
)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,99}(?:\[\s{0,99})?\{\s{0,99}\"[^\"]{1,100}\"\s{0,9}:")
_SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
START = 4096


def format_of(path: Path) -> str:
    """Raises FileProblem for what is no table at all, or cannot be read: it says what the file is."""
    with path.open("rb") as file:
        start = file.read(START)
    if start.startswith(_OLE):
        return _old_office(path)
    if start.startswith(b"PK\x03\x04"):
        is_document = start[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.")
        return OPEN_DOCUMENT if is_document else ZIP
    if start.startswith(b"%PDF"):
        message = gettext_noop("This is a PDF. Export the table as CSV or Excel, or copy its cells and paste them.")
        raise FileProblem("pdf", message)
    if start.startswith((b"MIME-Version:", b"From: <Saved by")):
        message = gettext_noop("This is a web archive (.mht). Open it in Excel and save it as .xlsx.")
        raise FileProblem("web_archive", message)
    plain = start.replace(b"\0", b"") if start.startswith((b"\xff\xfe", b"\xfe\xff")) else start
    plain = plain.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if _JSON.match(plain):
        message = gettext_noop("This is JSON. Export the table as CSV or Excel.")
        raise FileProblem("json", message)
    if _PAGE.match(_without_preamble(plain)):
        return PAGE
    return XML_BOOK if plain.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _SPREADSHEET_XML in plain else TEXT


def _without_preamble(text: bytes) -> bytes:
    """Behind the mark of the encoding, an XML declaration and comments."""
    rest = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<?xml", b"<!--")):
        _skipped, end, behind = rest.partition(b"?>" if rest.startswith(b"<?") else b"-->")
        if not end:
            return rest
        rest = behind.lstrip()
    return rest


def protected() -> FileProblem:
    message = gettext_noop(
        "This workbook is protected with a password. Open it in Excel, remove the password under File, Info, Protect "
        "Workbook, Encrypt with Password, save it, and bring it in again."
    )
    return FileProblem("protected_workbook", message)


def _old_office(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise protected()
        if content.find("Book\0".encode("utf-16-le")) < 0 and content.find("Workbook\0".encode("utf-16-le")) < 0:
            message = gettext_noop("This is a document of Office, but no workbook. Save the table as .xlsx or CSV.")
            raise FileProblem("no_workbook", message)
    return OLD_BOOK
