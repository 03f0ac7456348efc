"""The known answers, through the command, from the raw files as they are."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tenants.models import Chain
from tests.plugins.chains import outside_chains

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
STORES = "store_code,name,city,city_tier,region\nS1,The salon,Vancouver,Metropolis,West\n"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data sets are not there: {DATA}")
RECEIPTS = [
    "--date-format=%m/%d/%Y", "--map=Receipt=visit_ref", "--map=Date=started_at", "--map=Description=item",
    "--map=Client=client_ref", "--map=Staff=staff_code", "--map=Quantity=quantity", "--map=Amount=amount",
]  # fmt: skip
CDNOW = [
    "--date-format=%Y%m%d", "--no-header", "--delimiter=whitespace",
    "--columns=client_ref,-,started_at,quantity,amount",
]  # fmt: skip


def run(command: str, *arguments: str) -> dict[str, Any]:
    out = StringIO()
    with outside_chains():
        call_command(command, *arguments, "--json", stdout=out, stderr=StringIO())
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


@pytest.fixture
def salon(chain: Chain, media: Path, write: Callable[[str], Path]) -> str:
    run("import_data", "stores", str(write(STORES)), f"--chain={chain.schema_name}")
    return f"--chain={chain.schema_name}"


def total(chain: str, start: str, end: str) -> tuple[int, int]:
    found = run("repurchase", chain, f"--from={start}", f"--to={end}")["total"]
    return found["clients"], found["repeat_clients"]


@needs_data
def test_salon_receipts(salon: str) -> None:
    file = str(DATA / "salon_receipts" / "receipts.csv")
    done = run("import_data", "visits", file, salon, "--store=S1", "--create-missing", *RECEIPTS)
    assert done | {"seconds": 0} == {
        "id": done["id"],
        "kind": "visits", "rows": 1934, "created": 1466, "updated": 0, "unchanged": 0, "rejected": 0, "seconds": 0,
        "rejects_file": None,
    }  # fmt: skip
    assert total(salon, "2018-01-01", "2019-01-01") == (767, 314)
    again = run("import_data", "visits", file, salon, "--store=S1", "--create-missing", *RECEIPTS)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1466)
    assert total(salon, "2018-01-01", "2019-01-01") == (767, 314)


@needs_data
def test_cdnow(salon: str) -> None:
    file = str(DATA / "cdnow" / "CDNOW_sample.txt")
    done = run("import_data", "visits", file, salon, "--store=S1", "--create-missing", *CDNOW)
    assert done["rows"] == 6919
    assert total(salon, "1997-01-01", "1998-07-01") == (2357, 1139)
    assert total(salon, "1997-01-01", "1997-10-01") == (2357, 946)
