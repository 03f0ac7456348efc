"""What a file is, by its first bytes."""

from pathlib import Path

from core.imports.services.files.problems import FileProblem, gettext_noop


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        message = gettext_noop("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV.")
        raise FileProblem("old_workbook", message)
    return start.startswith(b"PK\x03\x04")
