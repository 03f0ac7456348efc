"""Beside each finding stands where the page corrects it."""

import re

from core.imports.models import ImportRun
from core.stores.models import Store
from tests.plugins.imports import Importer

FILE = "A till of ours\nDate,Client,Amount,Age\n2025-03-05,A,x5\n2025-03-06,B,6,3\nTotal,,11\n"


def mends(importer: Importer, run: ImportRun) -> dict[str, str]:
    """By the label of a mend, the place on the page; each is there."""
    page = importer.client.get(f"/imports/{run.pk}/").content.decode()
    found = {label: place for place, label in re.findall(r'<a class="link" href="#([^"]+)">([^<]+)</a>', page)}
    assert all(f'id="{place}"' in page for place in found.values())
    return found


def test_each_kind_of_finding(importer: Importer, store: Store) -> None:
    run = importer.uploaded(FILE)
    importer.check(run, create_missing="on")
    assert run.status == "refused"
    assert mends(importer, run) == {
        "Change what the column means": "id_column_2",
        "Change what the columns mean": "columns",
        "Change which rows are read": "layout",
    }


def test_what_was_left_out(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount,Status\n2025-03-05,A,5,done\n2025-03-06,B,6,no show\n")
    importer.check(run, create_missing="on")
    assert mends(importer, run) == {"Change what is left out": "options"}


def test_a_question_says_how_many_rows_it_is_about(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Date,Client,Amount,Store\n2025-03-05,A,5,Elsewhere\n2025-03-06,B,6,Elsewhere\n")
    importer.check(run, create_missing="on")
    page = re.sub(r"\s+", " ", importer.client.get(f"/imports/{run.pk}/").content.decode())
    assert '“Elsewhere”. <span class="muted"> 2 rows </span>' in page
