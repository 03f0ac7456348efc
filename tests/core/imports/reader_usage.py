"""Reads hostile files, each in a process of its own as the application does, and prints what each has used."""

import json
import os
import sys
from pathlib import Path
from typing import ClassVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from core.imports.services import file_source  # noqa: E402
from core.imports.services.files import process, readers  # noqa: E402
from core.imports.services.options import ImportOptions  # noqa: E402
from core.shared.errors import AppError  # noqa: E402
from tests.core.imports.hostile_files import FILES  # noqa: E402

LIMITS = {"look": process.LOOK_LIMITS, "import": process.IMPORT_LIMITS}


class _Measured(readers.Reader):
    """Keeps how each ended."""

    all: ClassVar[dict[int, readers.End]] = {}

    def wait(self) -> readers.End:
        return self.all.setdefault(self.pid, super().wait())


def main(folder: Path, size: int, doing: str, names: list[str]) -> None:
    readers.Reader = _Measured  # type: ignore[misc]
    for name in names or FILES:
        FILES[name](folder / "file", size)
        _Measured.all.clear()
        outcome, largest = _read(folder / "file", doing)
        used = _Measured.all.values()
        told = {
            "name": name,
            "outcome": outcome,
            "largest": largest,
            "seconds": sum(end.seconds for end in used),
            "megabytes": max(end.kilobytes for end in used) // 1024,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _read(path: Path, doing: str) -> tuple[str, int]:
    """The code of what it is refused with, and how large the largest chunk was."""
    largest = 0
    try:
        with file_source.FileSource(path, "clients", ImportOptions(), LIMITS[doing]) as source:
            if doing == "look":
                source.beginning()
            else:
                for rows in source.chunks():
                    largest = max(largest, sum(sum(map(len, row)) for row in rows.cells))
    except AppError as error:
        return error.code, largest
    return "", largest


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
