"""No file takes more of the machine than it may: read whole at some megabytes, and looked at at forty."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.imports.services.files.limits import CHUNK_SIZE, LONGEST_LINE
from tests.core.imports.hostile_files import FILES, REFUSED

CHECKOUT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow
# Of a process; megabytes.
MOST_SECONDS, MOST_MEMORY = 20, 300
# Those that take longest, or meet a limit of the process itself.
HEAVIEST = (
    "text: carriage returns in GB18030",
    "text: a row without end",
    "workbook: nesting without end",
    "workbook: empty texts",
    "workbook: texts that many cells share",
    "workbook: parts",
)


def used(folder: Path, size: int, doing: str, *names: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.core.imports.reader_usage", str(folder), str(size), doing, *names]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        yield json.loads(line)


def test_every_hostile_file_read_whole(tmp_path: Path) -> None:
    found = {one["name"]: one for one in used(tmp_path, 4_000_000, "import")}
    assert found.keys() == FILES.keys()
    assert {name: one["outcome"] for name, one in found.items() if one["outcome"]} == REFUSED
    for name, one in found.items():
        assert one["seconds"] < MOST_SECONDS, name
        assert one["megabytes"] < MOST_MEMORY, name
        # A chunk ends with the row that makes it large enough, and no row but a quoted one is longer than a line.
        assert one["largest"] < 2 * CHUNK_SIZE + LONGEST_LINE, name


def test_the_heaviest_at_40_mb_looked_at(tmp_path: Path) -> None:
    found = list(used(tmp_path, 40_000_000, "look", *HEAVIEST))
    assert [one["name"] for one in found] == list(HEAVIEST)
    for one in found:
        assert one["seconds"] < MOST_SECONDS, one
        assert one["megabytes"] < MOST_MEMORY, one
