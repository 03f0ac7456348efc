"""`revisit undo_import`, and the id that `import_data` prints for it."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.imports.models import ImportRun
from core.visits.models import Visit
from tests.plugins.chains import outside_chains

Write = Callable[[str | bytes], Path]
pytestmark = pytest.mark.usefixtures("stores", "media")
GOOD = "client_ref,started_at,amount,store_code\nC1,2025-03-04,5,S1\nC2,2025-03-04,5,S1\n"


def run(command: str, *arguments: object) -> dict[str, object]:
    out = StringIO()
    with outside_chains():
        call_command(command, *map(str, arguments), "--chain=acme", "--json", stdout=out, stderr=StringIO())
    document: dict[str, object] = json.loads(out.getvalue())
    return document


def test_what_the_command_brought_in_is_listed_and_can_be_taken_back(write: Write) -> None:
    brought = run("import_data", "visits", write(GOOD), "--create-missing")
    listed = ImportRun.objects.get()
    assert (brought["id"], listed.file_name, listed.is_imported) == (str(listed.pk), "file.csv", True)
    tried = run("undo_import", listed.pk, "--dry-run")
    assert Visit.objects.count() == 2
    assert run("undo_import", listed.pk) == tried == {"removed": 5, "restored": 0, "kept": 0}
    assert not Visit.objects.exists()


def test_a_dry_run_has_no_id(write: Write) -> None:
    assert run("import_data", "visits", write(GOOD), "--create-missing", "--dry-run")["id"] is None
    assert not ImportRun.objects.exists()


def test_a_refused_file_is_not_listed(write: Write) -> None:
    with pytest.raises(CommandError):
        run("import_data", "visits", write(GOOD))
    assert not ImportRun.objects.exists()


def test_a_corrected_file_replaces_an_import(write: Write) -> None:
    brought = run("import_data", "visits", write(GOOD), "--create-missing")
    corrected = write(GOOD.replace("C1,2025-03-04,5,S1\n", ""))
    run("import_data", "visits", corrected, "--create-missing", "--replaces", brought["id"])
    assert [visit.client.ref for visit in Visit.objects.all() if visit.client] == ["C2"]


def test_a_refused_correction_leaves_the_import_as_it_is(write: Write) -> None:
    brought = run("import_data", "visits", write(GOOD), "--create-missing")
    with pytest.raises(CommandError):
        run("import_data", "visits", write(GOOD.replace("C1", "C3")), "--replaces", brought["id"])
    assert Visit.objects.count() == 2
    assert ImportRun.objects.get().undone_at is None


@pytest.mark.parametrize(
    ("named", "said"),
    [("00000000-0000-4000-8000-000000000000", "There is no such import."), ("7", "'7' is no id.")],
)
def test_an_unknown_import(named: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("undo_import", named)
    assert said in str(refused.value)
