"""What the process that reads one file does: limits itself, then answers what is asked on standard input.

Each request is a line of JSON, each answer a frame: its length in four bytes, then a marshalled pair of a word and
what it tells.
"""

import json
import marshal
import os
import resource
import signal
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

from core.imports.services.files.archives import ArchiveFile
from core.imports.services.files.batches import batch_of
from core.imports.services.files.formats import BINARY_BOOK, OLD_BOOK, OPEN_DOCUMENT, PAGE, TEXT, XML_BOOK, format_of
from core.imports.services.files.old_books import OldBookFile
from core.imports.services.files.package import Package
from core.imports.services.files.pages import PageFile
from core.imports.services.files.problems import TOO_MUCH_MEMORY, FileProblem
from core.imports.services.files.tables import TableReader
from core.imports.services.files.texts import TextFile
from core.imports.services.files.workbooks import WorkbookFile
from core.imports.services.files.xml_books import XmlBookFile

# A file that has taken so many seconds of a processor gives way to pages and to smaller files.
SHORT_SECONDS = 1.0
NICENESS = 10


def main() -> None:
    setup = json.loads(sys.stdin.buffer.readline())
    _limit(setup)
    reader = _Reader(Path(setup["path"]))
    # Made while there is memory for it.
    too_much = _frame("problem", ["too_much_memory", TOO_MUCH_MEMORY, {}, None])
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            reader.answer(request)
        except FileProblem as problem:
            _send("problem", [problem.code, problem.message, problem.values, problem.line])
        except MemoryError:
            _write(too_much)


def _limit(setup: dict[str, Any]) -> None:
    """The process uses no more than it may."""
    cpu = setup["cpu_seconds"]
    limits = {
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_AS: (setup["memory"], setup["memory"]),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, limit)
    signal.signal(signal.SIGPROF, lambda *_signal: os.nice(NICENESS))
    signal.setitimer(signal.ITIMER_PROF, SHORT_SECONDS)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextFile | TableReader | None = None
        self._archive: ArchiveFile | None = None

    def answer(self, request: dict[str, Any]) -> None:
        if request["do"] == "examine":
            self._examine(request["known"], request["encoding"])
        elif request["do"] == "extract" and self._archive:
            self._archive.extract(request["index"], request["to"])
            _send("extracted", None)
        elif self._file is None:
            raise ValueError("The file has to be examined first.")
        elif request["do"] == "sample":
            _send("sampled", self._file.sample(request["delimiters"], request["sheet"]))
        elif request["do"] == "open":
            _send("opened", self._file.open(request["layout"]))
        else:
            self._send_rows(self._file, request["chunks"])

    def _examine(self, known: list[Any] | None, encoding: str | None) -> None:
        found = format_of(self._path)
        if found == TEXT:
            self._file = TextFile(self._path, known, encoding)
        elif found == PAGE:
            self._file = PageFile(self._path, known)
        elif found == XML_BOOK:
            self._file = XmlBookFile(self._path)
        elif found in {OLD_BOOK, OPEN_DOCUMENT}:
            self._file = OldBookFile(self._path, found)
        else:
            package = Package(self._path)
            if package.is_binary_workbook:
                self._file = OldBookFile(self._path, BINARY_BOOK)
            elif package.is_workbook:
                self._file = WorkbookFile(package)
            else:
                self._archive = ArchiveFile(package)
        reader = self._file or self._archive
        if reader is not None:
            _send("examined", reader.examine())

    def _send_rows(self, file: TextFile | TableReader, most: int | None) -> None:
        for number, (lines, cells) in enumerate(file.chunks(), 1):
            if cells:
                batch = batch_of(list(lines), cells)
                _send("rows", (batch.lines, batch.columns, batch.rows))
            if number == most:
                break
        _send("end", {"left_out": file.take_left_out(), "formulas": file.formulas})


def _send(word: str, payload: Any) -> None:
    _write(_frame(word, payload))


def _frame(word: str, payload: Any) -> bytes:
    data = marshal.dumps((word, payload))
    return struct.pack("<I", len(data)) + data


def _write(frame: bytes) -> None:
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


def say_where(error: BaseException) -> None:
    """What an exception says may quote the file, and goes to no log."""
    places = [f"{Path(place.filename).name}:{place.lineno}" for place in traceback.extract_tb(error.__traceback__)]
    sys.stderr.write(f"The reader process failed: {type(error).__name__} at {' '.join(places)}\n")
