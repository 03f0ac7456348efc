"""The child process that reads one file: limits itself, then does what its parent asks on standard input.

Each request is a line of JSON, each answer a frame: its length in four bytes, then a marshalled pair of a word and
what it tells.
"""

import ctypes
import json
import marshal
import os
import resource
import signal
import struct
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from core.imports.services.files.formats import is_workbook
from core.imports.services.files.problems import FileProblem, gettext_noop
from core.imports.services.files.texts import TextFile
from core.imports.services.files.workbooks import WorkbookFile

PR_SET_PDEATHSIG = 1
# A file that has taken so many seconds of a processor gives way to pages and to smaller files.
SHORT_SECONDS = 1.0
NICENESS = 10
TOO_MUCH_MEMORY = gettext_noop("Reading this file takes too much memory. Save the sheet as CSV in UTF-8, or split it.")


def main() -> None:
    sys.excepthook = _say_where
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
    """The process ends with its parent, and uses no more than it may."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != setup["parent"]:
        sys.exit(1)
    # Ctrl-C reaches the whole group; the parent decides what becomes of its child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
        self._file: TextFile | WorkbookFile | None = None

    def answer(self, request: dict[str, Any]) -> None:
        if request["do"] == "examine":
            book = is_workbook(self._path)
            self._file = WorkbookFile(self._path) if book else TextFile(self._path, request["known"])
            _send("examined", self._file.examine())
            return
        if self._file is None:
            raise ValueError("The file has to be examined first.")
        if request["do"] == "sample":
            _send("sampled", self._file.sample(request["delimiters"], request["sheet"]))
        elif request["do"] == "open":
            _send("opened", self._file.open(request["layout"]))
        else:
            self._send_rows(self._file, request["chunks"])

    def _send_rows(self, file: TextFile | WorkbookFile, most: int | None) -> None:
        for number, (lines, cells) in enumerate(file.chunks(), 1):
            if cells:
                _send("rows", (lines, cells))
            if number == most:
                break
        _send("end", {"left_out": file.sieve.take_left_out(), "formulas": file.formulas})


def _send(word: str, payload: Any) -> None:
    _write(_frame(word, payload))


def _frame(word: str, payload: Any) -> bytes:
    data = marshal.dumps((word, payload))
    return struct.pack("<I", len(data)) + data


def _write(frame: bytes) -> None:
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


def _say_where(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """What an exception says may quote the file, and goes to no log."""
    places = [f"{Path(place.filename).name}:{place.lineno}" for place in traceback.extract_tb(trace)]
    sys.stderr.write(f"The reader process failed: {kind.__name__} at {' '.join(places)}\n")


if __name__ == "__main__":
    main()
