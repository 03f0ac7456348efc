"""What a check tells of a visits file before anything is kept."""

from decimal import Decimal

import pytest

from core.imports.models import ImportRun
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import Importer

HEAD = "store_code,client_ref,started_at,visit_ref,item,amount,paid_by_card\n"
MARCH = HEAD + (
    "S001,C1,2025-03-04 10:30,1,Cut,80,\n"
    "S001,C1,2025-03-04 10:30,1,Colour,40,\n"
    "S001,C2,2025-03-05,2,Cut,50,yes\n"
    "S001,,2025-03-06,3,Cut,30,\n"
    "S001,C2,2025-04-06,4,Cut,60,\n"
)

pytestmark = pytest.mark.usefixtures("store")


def checked(importer: Importer, content: str) -> ImportRun:
    run = importer.uploaded(content)
    importer.check(run, create_missing="on")
    return run


def test_it_says_in_a_sentence_what_the_file_holds(importer: Importer) -> None:
    run = checked(importer, MARCH)
    page = importer.client.get(f"/imports/{run.pk}/")
    overview = page.context["overview"]
    assert overview.sentence == "4 visits by 2 clients in 1 store, from 4 Mar 2025 to 6 Apr 2025. Net revenue: 210.00."
    assert overview.sentence in page.content.decode()
    assert overview.warnings == ()
    assert not Visit.objects.exists()


def test_months_stand_beside_what_is_there(importer: Importer) -> None:
    importer.bring_in(checked(importer, MARCH))
    more = HEAD + "S001,C3,2025-03-20,9,Cut,145,\nS001,C3,2025-05-20,10,Cut,10,\n"
    overview = importer.client.get(f"/imports/{checked(importer, more).pk}/").context["overview"]
    assert [(f"{one.month:%Y-%m}", one.in_file, one.before, one.after, one.doubles) for one in overview.months] == [
        ("2025-03", Decimal(145), Decimal(150), Decimal(295), True),
        ("2025-05", Decimal(10), Decimal(0), Decimal(10), False),
    ]
    assert overview.warnings == (
        "The file adds about as much as is already there in Mar 2025: it may have been imported before.",
    )


def test_a_file_that_comes_again_adds_nothing(importer: Importer) -> None:
    importer.bring_in(checked(importer, MARCH))
    overview = importer.client.get(f"/imports/{checked(importer, MARCH).pk}/").context["overview"]
    assert [(one.before, one.after, one.doubles) for one in overview.months] == [
        (Decimal(150), Decimal(150), False),
        (Decimal(60), Decimal(60), False),
    ]


def test_visits_are_shown_as_they_will_be(importer: Importer, store: Store) -> None:
    samples = importer.client.get(f"/imports/{checked(importer, MARCH).pk}/").context["overview"].samples
    assert [(one.time, one.store, one.client, one.receipt, one.lines, one.amount) for one in samples] == [
        ("10:30", store.name, "C1", "1", 2, Decimal(120)),
        ("–", store.name, "C2", "2", 1, Decimal(50)),
        ("–", store.name, None, "3", 1, Decimal(30)),
        ("–", store.name, "C2", "4", 1, Decimal(60)),
    ]


def test_samples_are_taken_from_all_over_a_long_file(importer: Importer) -> None:
    rows = "".join(f"S001,C{n},2025-03-04,{n},Cut,10,\n" for n in range(120))
    samples = importer.client.get(f"/imports/{checked(importer, HEAD + rows).pk}/").context["overview"].samples
    assert [one.receipt for one in samples] == [str(10 * n) for n in range(12)]


def test_many_rows_without_a_client_are_told(importer: Importer) -> None:
    rows = "S001,C1,2025-03-04,1,Cut,80,\nS001,,2025-03-04,2,Cut,80,\n"
    overview = importer.client.get(f"/imports/{checked(importer, HEAD + rows).pk}/").context["overview"]
    assert overview.warnings == (
        "50\N{NO-BREAK SPACE}% of the rows name no client. Repurchase cannot be counted from them.",
    )


def test_other_kinds_have_none(importer: Importer) -> None:
    run = importer.uploaded("client_ref\nC1\n", kind="clients")
    importer.check(run)
    assert importer.client.get(f"/imports/{run.pk}/").context["overview"] is None
