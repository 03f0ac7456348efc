"""Visits through `revisit import_data`, as a process of its own: 1.5 million lines into an empty chain, a month into a
chain of 5 million visits, a day's file. Beside them a plain COPY of the same file into a table without indexes, and
DuckDB's read of it."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from django.db import connection
from django_tenants.utils import tenant_context

from core.catalogue.models import Service, ServiceCategory
from core.shared.chain import without_statement_timeout
from core.staff.models import StaffMember
from core.stores.services.stores import open_store
from tenants.models import Chain
from tenants.provisioning import create_chain
from tests.benchmarks.big_chain import filled_chain
from tests.benchmarks.rows import ALLOWED, Row, row
from tests.benchmarks.spending import Spent, Watch, spent

LINES, STORES, CLIENTS, SERVICES, STAFF = 1_500_000, 500, 200_000, 40, 2_000
MONTH_LINES, DAY_LINES = 300_000, 3_000
BIG_CLIENTS, BIG_VISITS = 800_000, 5_000_000
HEADER = "store_code,visit_ref,client_ref,started_at,service_code,staff_code,quantity,amount\n"
# MB, of the process, its child and the backend together; the shared buffers are the server's own.
ALLOWED_MEMORY, ALLOWED_MEMORY_OF_A_DAY = 500, 150
ALLOWED_SECONDS_OF_A_DAY = 1


@dataclass(frozen=True)
class Imported:
    lines: int
    # By its own clock, from the moment it opens the file.
    seconds: float
    # Of the process with its child, and of the backend.
    cpu: tuple[float, float]
    # At the moment at which all of them together had most: process with child, backend.
    memory: tuple[float, float]

    @property
    def rate(self) -> float:
        return self.lines / self.seconds

    @property
    def cpu_of_a_million(self) -> tuple[float, float]:
        own, backend = self.cpu
        return own * 1e6 / self.lines, backend * 1e6 / self.lines


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        whole = _write(folder / "visits.csv", LINES, date(2023, 1, 1), days=1095)
        create_chain(schema="imported", name="imported")
        with tenant_context(Chain.objects.get(schema_name="imported")), without_statement_timeout():
            _make_records()
            copied, read = _plain_copy(whole), _read(whole)
            empty = _import(whole, LINES, "imported")
            day = _import(_write(folder / "day.csv", DAY_LINES, date(2026, 3, 1), days=1), DAY_LINES, "imported")
        yield from _rows(empty, copied, read)
        yield row("Import of a day's 3,000 lines", day.seconds, "s", than=ALLOWED, alternative=ALLOWED_SECONDS_OF_A_DAY)
        yield row("Memory of a day's import", sum(day.memory), "MB", than=ALLOWED, alternative=ALLOWED_MEMORY_OF_A_DAY)
        month = _write(folder / "month.csv", MONTH_LINES, date(2026, 1, 1), days=31)
        with filled_chain("loaded", STORES, BIG_CLIENTS, BIG_VISITS):
            later = _import(month, MONTH_LINES, "loaded")
        yield from _rows_of_month(later, empty)


def _rows(done: Imported, copied: tuple[float, float], read: tuple[float, float]) -> Iterator[Row]:
    others = {"plain COPY": copied, "DuckDB's read of the file": read}
    for than, (seconds, _cpu) in others.items():
        yield row("Import of 1.5 million lines", done.rate, "lines/s", than=than, alternative=LINES / seconds)
    own, backend = done.cpu_of_a_million
    for than, (_seconds, cpu) in others.items():
        yield row(
            "Processor time of a million lines", own + backend, "s",
            than=than, alternative=cpu * 1e6 / LINES, cpu=(own * 1000, backend * 1000),
        )  # fmt: skip
    name = "Memory of process, child and backend together"
    yield row(name, sum(done.memory), "MB", than=ALLOWED, alternative=ALLOWED_MEMORY)
    yield row(
        "of which process and child", done.memory[0], "MB", than="the database's backend", alternative=done.memory[1]
    )


def _rows_of_month(month: Imported, empty: Imported) -> Iterator[Row]:
    name = "Import of a month's 300,000 lines into a chain of 5 million visits"
    yield row(name, month.rate, "lines/s", than="1.5 million into an empty chain", alternative=empty.rate)
    yield row("Memory of a month's import", sum(month.memory), "MB", than=ALLOWED, alternative=ALLOWED_MEMORY)


def _make_records() -> None:
    stores = [
        open_store(code=f"S{n:03}", name=f"Store {n}", city=f"City {n % 40}", city_tier=f"T{n % 4}", region=f"R{n % 7}")
        for n in range(1, STORES + 1)
    ]
    categories = [ServiceCategory.objects.create(name=f"Category {n}") for n in range(4)]
    Service.objects.bulk_create(
        Service(code=f"V{n}", name=f"Service {n}", category=categories[n % 4]) for n in range(SERVICES)
    )
    StaffMember.objects.bulk_create(
        StaffMember(code=f"E{n}", name=f"Staff {n}", store=stores[n % STORES]) for n in range(1, STAFF + 1)
    )


def _write(path: Path, lines: int, first: date, *, days: int) -> Path:
    """Two lines a visit on average, in the order of the days, as tills export them."""
    draw = random.Random(20250101)
    written = receipt = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        while written < lines:
            receipt += 1
            client = int(draw.random() ** 1.5 * CLIENTS)
            store = client % STORES if draw.random() < 0.9 else draw.randrange(STORES)
            day = first + timedelta(days=written * days // lines)
            visit = f"S{store + 1:03},{path.stem}-{receipt},C{client},{day} {9 + receipt % 10:02}:{receipt % 60:02}"
            for _ in range(min(1 + receipt % 3, lines - written)):
                service = draw.randrange(SERVICES)
                staff = 1 + store + STORES * draw.randrange(4)
                file.write(f"{visit},V{service},E{staff},1,{100 + service}\n")
                written += 1
    return path


def _plain_copy(file: Path) -> tuple[float, float]:
    """Seconds by the clock and of the processors."""

    def copy_file() -> None:
        with connection.cursor() as cursor:
            columns = ", ".join(f"{name} text" for name in HEADER.strip().split(","))
            cursor.execute(f"CREATE TEMP TABLE plain ({columns})")
            with cursor.copy("COPY plain FROM STDIN (FORMAT CSV, HEADER)") as copy, file.open("rb") as source:
                while block := source.read(1 << 18):
                    copy.write(block)
            cursor.execute("DROP TABLE plain")

    return _best(spent(copy_file, times=2))


def _read(file: Path) -> tuple[float, float]:
    """Into a table in DuckDB's memory."""

    def read_file() -> None:
        with duckdb.connect() as memory:
            memory.execute(f"CREATE TABLE visits AS SELECT * FROM read_csv('{file}')")

    return _best(spent(read_file, times=2))


def _best(run: Spent) -> tuple[float, float]:
    return run.best / 1000, sum(run.cpu) / 1000


def _import(file: Path, lines: int, chain: str) -> Imported:
    command = [str(Path(sys.executable).parent / "revisit"), "import_data", "visits", str(file)]
    began = time.time()
    process = subprocess.Popen(
        [*command, "--chain", chain, "--create-missing", "--json"], stdout=subprocess.PIPE, text=True
    )
    watch = Watch(process.pid, since=began)
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        watch.look()
        time.sleep(0.05)
    _pid, status, usage = ended
    if status:
        raise AssertionError("The import failed.")
    assert process.stdout is not None
    summary = json.loads(process.stdout.read())
    if summary["rejected"] or summary["rows"] != lines:
        raise AssertionError(f"Not every line was imported: {summary}")
    return Imported(lines, summary["seconds"], (usage.ru_utime + usage.ru_stime, watch.backend_cpu), watch.memory)
