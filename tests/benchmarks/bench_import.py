"""1.5 million lines of visits through `revisit import_data`, as a process of its own; beside it a plain COPY of the
same file into a table without indexes."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from django.db import connection
from django_tenants.utils import tenant_context

from core.catalogue.models import Service, ServiceCategory
from core.shared.chain import without_statement_timeout
from core.staff.models import StaffMember
from core.stores.services.stores import open_store
from tenants.models import Chain
from tenants.provisioning import create_chain
from tests.benchmarks.rows import ALLOWED, Row, row
from tests.benchmarks.spending import peaks_of_backends

LINES, STORES, CLIENTS, SERVICES, STAFF = 1_500_000, 500, 200_000, 40, 2_000
HEADER = "store_code,visit_ref,client_ref,started_at,service_code,staff_code,quantity,amount\n"


def run() -> list[Row]:
    create_chain(schema="imported", name="imported")
    chain = Chain.objects.get(schema_name="imported")
    with tenant_context(chain), without_statement_timeout(), tempfile.TemporaryDirectory() as folder:
        _make_records()
        file = Path(folder) / "visits.csv"
        _write(file)
        copied = _plain_copy(file)
        summary, peak, backend = _import(file)
    if summary["rejected"] or summary["rows"] != LINES:
        raise AssertionError(f"Not every line was imported: {summary}")
    return [
        row(
            "Import of 1.5 million lines", LINES / summary["seconds"], "lines/s", than="plain COPY", alternative=copied
        ),
        row("Peak memory of the importing process", peak, "MB", than=ALLOWED, alternative=400),
        row("Peak memory of the importing process", peak, "MB", than="the database's backend", alternative=backend),
    ]


def _make_records() -> None:
    stores = [
        open_store(code=f"S{n:03}", name=f"Store {n}", city=f"City {n % 40}", city_tier=f"T{n % 4}", region=f"R{n % 7}")
        for n in range(STORES)
    ]
    categories = [ServiceCategory.objects.create(name=f"Category {n}") for n in range(4)]
    Service.objects.bulk_create(
        Service(code=f"V{n}", name=f"Service {n}", category=categories[n % 4]) for n in range(SERVICES)
    )
    StaffMember.objects.bulk_create(
        StaffMember(code=f"E{n}", name=f"Staff {n}", store=stores[n % STORES]) for n in range(STAFF)
    )


def _write(path: Path) -> None:
    """Two lines a visit on average, in the order of the days, as tills export them."""
    draw = random.Random(20250101)
    first = date(2023, 1, 1)
    lines = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        receipt = 0
        while lines < LINES:
            receipt += 1
            client = int(draw.random() ** 1.5 * CLIENTS)
            store = client % STORES if draw.random() < 0.9 else draw.randrange(STORES)
            day = first + timedelta(days=lines * 1095 // LINES)
            visit = f"S{store:03},{receipt},C{client},{day} {9 + receipt % 10:02}:{receipt % 60:02}"
            for _ in range(min(1 + receipt % 3, LINES - lines)):
                service = draw.randrange(SERVICES)
                staff = store + STORES * draw.randrange(4)
                file.write(f"{visit},V{service},E{staff},1,{100 + service}\n")
                lines += 1


def _plain_copy(file: Path) -> float:
    """Lines a second."""
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in HEADER.strip().split(","))
        cursor.execute(f"CREATE TEMP TABLE plain ({columns})")
        began = time.perf_counter()
        with cursor.copy("COPY plain FROM STDIN (FORMAT CSV, HEADER)") as copy, file.open("rb") as source:
            while block := source.read(1 << 18):
                copy.write(block)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE plain")
    return LINES / seconds


def _import(file: Path) -> tuple[dict[str, float], float, float]:
    """The command's document; the peak memory of its process and of the database's backend, in MB."""
    command = [str(Path(sys.executable).parent / "revisit"), "import_data", "visits", str(file)]
    began, backend = time.time(), 0.0
    process = subprocess.Popen(
        [*command, "--chain", "imported", "--create-missing", "--json"], stdout=subprocess.PIPE, text=True
    )
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        backend = max([backend, *peaks_of_backends(since=began)])
        time.sleep(0.1)
    _pid, status, usage = ended
    if status:
        raise AssertionError("The import failed.")
    assert process.stdout is not None
    return json.loads(process.stdout.read()), usage.ru_maxrss / 1024, backend
