"""`revisit import_data`: what it prints where, and how it ends."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.imports.management.commands.import_data import _as_text
from core.imports.services.profiles import save_profile
from core.jobs.progress import Progress
from core.visits.models import Visit
from tests.plugins.chains import outside_chains

Write = Callable[[str | bytes], Path]
pytestmark = pytest.mark.usefixtures("stores", "media")
GOOD = "client_ref,started_at,amount,Shop\nC1,03/04/2025,5,S1\n"


def run(*arguments: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    with outside_chains():
        call_command("import_data", *map(str, arguments), "--chain=acme", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_json_and_nothing_else_on_standard_output(write: Write) -> None:
    path = write(GOOD.replace("Shop", "Shop,Note").replace("S1\n", "S1,x\n"))
    out, err = run("visits", path, "--json", "--create-missing", "--date-format=%m/%d/%Y", "--map=Shop=store_code")
    document = json.loads(out)
    assert list(document) == [
        "kind", "id", "rows", "created", "updated", "unchanged", "rejected", "seconds", "rejects_file",
    ]  # fmt: skip
    assert (document["kind"], document["rows"], document["created"], document["rejects_file"]) == ("visits", 1, 1, None)
    assert document["seconds"] > 0
    assert err.strip().splitlines()[-1] == "These columns mean nothing here and are ignored: Note."


def test_for_people(write: Write) -> None:
    out, err = run("visits", write(GOOD), "--create-missing", "--date-format=%d/%m/%Y", "--dry-run")
    assert "created: 1" in out.splitlines()
    assert "A dry run: nothing was kept." in err
    assert not Visit.objects.exists()


def test_bad_rows_refuse_the_file(write: Write) -> None:
    rows = "".join(f",03/04/2025,x{number},S1\n" for number in range(15))
    with pytest.raises(CommandError) as refused:
        run("visits", write(GOOD + rows), "--create-missing", "--date-format=%m/%d/%Y", "--json")
    assert refused.value.returncode == 1
    assert str(refused.value) == "15 of 16 rows cannot be read; nothing was imported."


def test_findings_are_shown_by_kind_with_rows_and_examples(write: Write) -> None:
    rows = "".join(f",03/04/2025,x{number},S1\n" for number in range(15))
    err = StringIO()
    with outside_chains(), pytest.raises(CommandError):
        call_command(
            "import_data", "visits", str(write(GOOD + rows)), "--chain=acme", "--create-missing",
            "--date-format=%m/%d/%Y", stdout=StringIO(), stderr=err,
        )  # fmt: skip
    lines = err.getvalue().splitlines()
    first = lines.index("line 3, amount: “x0” is not a number. (15 rows)")
    assert lines[first + 1 : first + 4] == ["    line 3: x0", "    line 4: x1", "    line 5: x2"]
    assert "x3" not in err.getvalue()


def test_what_a_finding_does_to_the_figures_is_shown(write: Write) -> None:
    head = "client_ref,started_at,amount,store_code,rating\n"
    err = run("visits", write(head + "C1,2025-03-04,5,S1,soso\nC2,2025-03-05,5,S1,meh\n"), "--create-missing")[1]
    told = next(line for line in err.splitlines() if "(2 rows)" in line)
    shown = err.splitlines()[err.splitlines().index(told) + 1 :]
    assert "rating" in told
    assert shown[:2] == ["    soso", "    meh"]


def test_a_file_that_cannot_be_read_is_refused(write: Write) -> None:
    with pytest.raises(CommandError) as refused:
        run("visits", write(GOOD.replace("03/04/2025", "soon")))
    assert refused.value.returncode == 1
    assert str(refused.value) == "1 of 1 row cannot be read; nothing was imported."


def test_dates_with_two_readings_are_asked(write: Write) -> None:
    with pytest.raises(CommandError, match="has to be answered") as refused:
        run("visits", write(GOOD))
    assert refused.value.returncode == 1


def test_skipping_bad_rows_succeeds(write: Write) -> None:
    path = write(GOOD + ",03/04/2025,x,S1\n")
    out, err = run("visits", path, "--json", "--create-missing", "--date-format=%m/%d/%Y", "--skip-bad-rows")
    document = json.loads(out)
    assert (document["created"], document["rejected"]) == (1, 1)
    assert Path(document["rejects_file"]).is_file()
    assert f"Rows left out, to be corrected and imported: {document['rejects_file']}" in err


@pytest.mark.parametrize(
    "arguments",
    [["--map=amount"], ["--delimiter=dash"], ["--date-format=%m"], ["--no-header"], ["--columns=client_ref"]],
)
def test_options_that_make_no_sense_are_wrong_usage(write: Write, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        run("visits", write(GOOD), *arguments)
    assert refused.value.returncode == 2


def test_a_mapping_without_headings_is_wrong_usage(write: Write) -> None:
    options = ["--no-header", "--columns=client_ref,started_at,amount,store_code", "--map=Shop=store_code"]
    with pytest.raises(CommandError) as refused:
        run("visits", write(GOOD.partition("\n")[2]), *options)
    assert refused.value.returncode == 2
    assert str(refused.value) == "map: Only headings can be mapped: with --no-header list every column in --columns."


def test_progress_tells_rate_and_remaining_time() -> None:
    progress = Progress("reading", 300_000, 1_500_000, 10.0)
    assert _as_text(progress) == "reading: 300,000 of 1,500,000 lines (20%), 30,000 lines/s, 40 s left"
    assert _as_text(Progress("facts", 0, 0, 0.0)) == "facts …"


def test_a_file_is_read_as_a_profile_says(write: Write) -> None:
    mapping = {"Tag": "started_at", "Wer": "client_ref", "Wieviel": "amount"}
    options = {"mapping": mapping, "store": "S2", "date_format": "%d/%m/%Y", "create_missing": True, "header": True}
    save_profile("visits", ["Tag", "Wer", "Wieviel"], options, file_name="Till 1.csv")
    path = write("Wieviel,Tag,Wer\n5,03/04/2025,C1\n")
    run("visits", path, "--profile=Till 1")
    visit = Visit.objects.get()
    assert (visit.store.code, visit.day.isoformat()) == ("S2", "2025-04-03")
    run("visits", path, "--profile=Till 1", "--store=S1", "--map=Wer=-", "--answer=client:none=anonymous")
    assert Visit.objects.filter(store__code="S1", client=None).count() == 1
    with pytest.raises(CommandError, match=r"There is no way of reading called “Till 2”\. There are: Till 1\."):
        run("visits", path, "--profile=Till 2")


def test_a_file_that_came_before_is_named_with_the_option_that_replaces_it(write: Write) -> None:
    head = "client_ref,started_at,amount,store_code,visit_ref\n"
    path = write(head + "C1,2025-03-04,5,S1,1\nC1,2025-03-05,5,S1,2\n")
    out, err = run("visits", path, "--json", "--create-missing")
    assert "came before" not in err
    former = json.loads(out)["id"]
    err = run("visits", path, "--create-missing", "--dry-run")[1]
    assert f"This is the same file as “{path.name}”, imported on " in err
    assert f"[--replaces {former}]" in err
    other = write(head + "C1,2025-03-04,5,S1,11\nC2,2025-03-05,5,S1,12\n")
    err = run("visits", other, "--create-missing", "--dry-run")[1]
    assert "This is the same file" not in err
    assert f"Visits of these days and stores came before with “{path.name}”" in err
    err = run("visits", other, "--create-missing", "--dry-run", f"--replaces={former}")[1]
    assert "came before" not in err
