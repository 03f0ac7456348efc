"""Reads hostile files, each in a process of its own as the application does, and prints what each has used.

A program, since a process's peak of memory counts from that of the one it was started by.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from core.imports.services import file_source  # noqa: E402
from core.imports.services.files import process  # noqa: E402
from core.imports.services.options import ImportOptions  # noqa: E402
from core.shared.errors import AppError  # noqa: E402
from tests.core.imports.hostile_files import FILES  # noqa: E402

LIMITS = {"look": process.LOOK_LIMITS, "import": process.IMPORT_LIMITS}


class _Measured(subprocess.Popen[bytes]):
    """Keeps what each child has used, once it has ended."""

    all: ClassVar[list[resource.struct_rusage]] = []

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            _pid, status, usage = os.wait4(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
            self.all.append(usage)
        return super().wait(timeout)


def main(folder: Path, size: int, doing: str, names: list[str]) -> None:
    process.subprocess.Popen = _Measured  # type: ignore[misc]
    for name in names or FILES:
        FILES[name](folder / "file", size)
        _Measured.all.clear()
        outcome, largest = _read(folder / "file", doing)
        used = _Measured.all
        told = {
            "name": name,
            "outcome": outcome,
            "largest": largest,
            "seconds": sum(usage.ru_utime + usage.ru_stime for usage in used),
            "megabytes": max(usage.ru_maxrss for usage in used) // 1024,
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
