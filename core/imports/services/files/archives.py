"""A ZIP of tables, such as a file for each month."""

from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipInfo

from core.imports.services.files.limits import LARGEST_UNPACKED
from core.imports.services.files.package import ENCRYPTED, UNREADABLE, Package
from core.imports.services.files.problems import FileProblem, gettext_noop

TABLES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".htm", ".html", ".xml"}
MOST_MEMBERS = 400
BLOCK = 1 << 20
_IS_UTF8 = 0x800


class ArchiveFile:
    def __init__(self, package: Package) -> None:
        self._package = package

    def examine(self) -> dict[str, Any]:
        """The tables in it, in the order of their names."""
        named = [(_name_of(part), part) for part in self._package.parts.values() if not part.is_dir()]
        tables = [(name, part) for name, part in named if _is_table(name)]
        if not tables:
            others = ", ".join(name for name, _part in named[:3])
            message = gettext_noop(
                "There is no table in this ZIP file, only: %(others)s. Put CSV or Excel files into it."
            )
            raise FileProblem("no_tables", message, {"others": others or "–"})
        if len(tables) > MOST_MEMBERS:
            message = gettext_noop("There are more than %(limit)d files in this ZIP file. Split it.")
            raise FileProblem("too_many_members", message, {"limit": MOST_MEMBERS})
        if any(part.flag_bits & ENCRYPTED for _name, part in tables):
            message = gettext_noop("This ZIP file is protected with a password. Unpack it and bring its files in.")
            raise FileProblem("protected_archive", message)
        tables.sort(key=lambda one: one[0])
        self._members = [part for _name, part in tables]
        return {"format": "archive", "members": [(name, part.file_size) for name, part in tables]}

    def extract(self, index: int, to: str) -> None:
        part = self._members[index]
        size = 0
        try:
            with self._package.archive.open(part) as source, Path(to).open("wb") as target:
                while block := source.read(BLOCK):
                    size += len(block)
                    if size > LARGEST_UNPACKED:
                        raise _unreadable(part)
                    target.write(block)
        except UNREADABLE as error:
            raise _unreadable(part) from error


def _name_of(part: ZipInfo) -> str:
    """Programs that do not say that names are UTF-8 write them as Windows does."""
    if part.flag_bits & _IS_UTF8:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return part.filename


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in TABLES and not any(one.startswith((".", "__MACOSX", "~$")) for one in path.parts)


def _unreadable(part: ZipInfo) -> FileProblem:
    message = gettext_noop("The file “%(name)s” of the ZIP file cannot be unpacked. Unpack it and bring its files in.")
    return FileProblem("unreadable_archive", message, {"name": _name_of(part)})
