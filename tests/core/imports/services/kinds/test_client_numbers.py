"""Clients whose number is another one in a later file are asked about, and renumbered instead of doubled."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from core.appointments.models import Appointment
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult
from core.imports.undo.undoing import undo_import
from core.membership.declaration import Action
from core.visits.models import Visit
from tests.core.imports.undo.conftest import bring_run, tables

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores", "english")

KNOWN = "client_ref,name,phone\nM1,Anna Lee,139 0000 1111\nM2,Bea,13800002222\n"
# Of a client with the phone and the name of M1, and another number.
FILES = {
    "clients": "client_ref,name,phone\nN1,anna lee,+8613900001111\n",
    "visits": "client_ref,client_name,client_phone,started_at,amount\nN1,anna lee,+8613900001111,2025-03-05,5\n",
    "appointments": "client_ref,client_name,client_phone,started_at,status\n"
    "N1,anna lee,+8613900001111,2025-03-05 10:00,done\n",
}
VISITS = "client_ref,started_at,amount\nM1,2025-03-04,5\n"
SAME = {"clients:renumbered": "same"}


def refs() -> list[str]:
    return list(Client.objects.order_by("pk").values_list("ref", flat=True))


@pytest.fixture
def known(stores: object, bring: Bring) -> None:
    bring("clients", KNOWN)
    bring("visits", VISITS, store="S1")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("kind", FILES)
def test_another_number_is_asked_about(bring: Bring, kind: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring(kind, FILES[kind], store="S1", create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed, question.rows) == ("clients:renumbered", "same", 1)
    assert question.examples == ("Anna Lee: M1 → N1",)
    result = bring(kind, FILES[kind], store="S1", create_missing=True, answers=SAME)
    assert (result.created, result.updated) == ((0, 1) if kind == "clients" else (1, 0))
    assert refs() == ["N1", "M2"]
    changed = AuditEntry.objects.filter(action=Action.CLIENT_CHANGED).earliest("pk")
    assert changed.after is not None
    assert changed.after["ref"] == "N1"
    # Files that name the former number mean the same, and are not asked about again.
    assert bring("visits", VISITS, store="S1").unchanged == 1
    assert bring("visits", VISITS.replace("M1", "N1"), store="S1").unchanged == 1
    again = bring(kind, FILES[kind], store="S1")
    assert (again.unchanged, again.open_questions) == (1, [])
    assert bring("clients", KNOWN.replace("Lee", "Smith")).updated == 1
    assert Client.objects.get(ref="N1").name == "Anna Smith"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("kind", FILES)
def test_or_it_is_another_client(bring: Bring, kind: str) -> None:
    bring(kind, FILES[kind], store="S1", create_missing=True, answers={"clients:renumbered": "other"})
    assert refs() == ["M1", "M2", "N1"]
    assert bring(kind, FILES[kind], store="S1").questions == bring(kind, FILES[kind], store="S1").questions
    assert len(refs()) == 3


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "rows",
    [
        # Another name, another phone, one that hides a part; the known one is in the file too; two have phone and name.
        "N1,Cleo,13900001111\n",
        "N1,Anna Lee,13900003333\n",
        "N1,Anna Lee,139****1111\n",
        "N1,Anna Lee,13900001111\nM1,Anna Lee,13900001111\n",
        "N1,Anna Lee,13900001111\nN2,Anna Lee,13900001111\n",
    ],
)
def test_where_phone_and_name_say_nothing_it_is_not_asked(bring: Bring, rows: str) -> None:
    assert bring("clients", "client_ref,name,phone\n" + rows).questions == []
    assert {"M1", "N1"} <= set(refs())


@pytest.mark.parametrize(
    "first",
    [
        ("visits", "client_phone,started_at,amount\n13900001111,2025-03-04,5\n"),
        ("visits", "client_ref,started_at,amount\n+86 13900001111,2025-03-04,5\n"),
        ("visits", "client_name,started_at,amount,client_phone\nAnna Lee,2025-03-04,5,13900001111\n"),
        ("appointments", "client_phone,client_name,started_at,status\n13900001111,Anna Lee,2025-03-04 10:00,done\n"),
    ],
)
def test_who_was_known_by_phone_or_name_alone_gets_the_number(bring: Bring, first: tuple[str, str]) -> None:
    """The register that comes later makes nobody a second time, and nothing is open."""
    kind, file = first
    answers = {"client:key": "name"} if file.startswith("client_name") else {}
    bring(kind, file, store="S1", create_missing=True, answers=answers)
    result = bring("clients", "client_ref,name,phone\nM1,Anna Lee,139-0000-1111\n")
    assert [(one.key, one.taken) for one in result.questions] == [("clients:renumbered", "same")]
    assert refs() == ["M1"]
    assert bring(kind, file, store="S1", answers=answers).unchanged == 1
    assert Visit.objects.count() + Appointment.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_a_phone_is_one_client_in_any_order_of_files(bring: Bring, order: tuple[int, ...]) -> None:
    files = (
        ("clients", "client_ref,name,phone\nM1,Anna Lee,139-0000-1111\n"),
        ("visits", "client_phone,started_at,amount\n8613900001111,2025-03-04,5\n"),
        (
            "appointments",
            "client_phone,client_name,started_at,status\n+86 13900001111,Anna Lee,2025-03-04 10:00,done\n",
        ),
        ("balances", "client_ref,item,times_left\n13900001111/13800002222,Ten,3\n"),
    )
    for place in order:
        kind, file = files[place]
        bring(kind, file, store="S1", create_missing=True)
    assert Client.objects.values_list("ref", "name").get() == ("M1", "Anna Lee")
    for kind, file in files:
        assert bring(kind, file, store="S1").unchanged == 1


@pytest.mark.usefixtures("known", "media")
@pytest.mark.parametrize("kind", FILES)
def test_it_is_taken_back(bring: Bring, kind: str, tmp_path: Path) -> None:
    before = tables()
    run = bring_run(kind, FILES[kind], tmp_path, store="S1", create_missing=True, answers=SAME)
    assert refs() == ["N1", "M2"]
    undone = undo_import(run.pk, acting_user=None)
    assert undone.undo is not None
    assert undone.undo["kept"] == 0
    assert tables() == before
    assert bring("visits", VISITS, store="S1").unchanged == 1


@pytest.mark.usefixtures("known", "media")
def test_a_number_that_was_changed_since_is_kept(bring: Bring, tmp_path: Path) -> None:
    run = bring_run("clients", FILES["clients"], tmp_path, answers=SAME)
    bring("clients", "client_ref,name,phone\nK1,anna lee,13900001111\n", answers=SAME)
    undone = undo_import(run.pk, acting_user=None)
    assert undone.undo is not None
    assert undone.undo["kept"] == 1
    assert refs() == ["K1", "M2"]
    for number in ("M1", "N1", "K1"):
        assert bring("visits", VISITS.replace("M1", number), store="S1").unchanged == 1
