"""Clients who look like the same person are proposed, with the reason; whoever is said to be another is not again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.runs.execution import import_as_command
from core.imports.services.options import ImportOptions
from core.merging.models import AlikeClients, DifferentClients, Merge
from core.merging.services.merging import merge_clients
from core.merging.services.proposals import PAIRS, Proposal, find_alike, proposals, say_different
from core.merging.services.undoing import undo_merge
from core.shared.errors import AppError
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

pytestmark = pytest.mark.usefixtures("chain")


def person(ref: str, **known: Any) -> Client:
    return Client.objects.create(ref=ref, **known)


def found() -> list[Proposal]:
    find_alike()
    return proposals()


def test_the_same_phone_however_it_is_written() -> None:
    person("A", phone="139 3307 9244")
    person("B", phone="+86 139-3307-9244")
    person("C", phone="138 0000 0000")
    # Masked, or too short to be one.
    for number in range(2):
        person(f"M{number}", phone="139****9244")
        person(f"S{number}", phone="9244")
    assert {(one.keep.client.ref, one.gone.client.ref) for one in found()} == {("A", "B")}


def test_the_same_name_and_birthday() -> None:
    born = date(1990, 5, 12)
    person("A", name="Li Fang", birth_date=born)
    person("B", name="LiFang ", birth_date=born)
    person("C", name="Li Fang", birth_date=date(1990, 5, 13))
    person("D", name="Li Fang")
    assert {(one.keep.client.ref, one.gone.client.ref) for one in found()} == {("A", "B")}


@pytest.mark.parametrize(
    ("one", "other"), [("王芳", "王芳女士"), ("田中", "田中様"), ("Smith", "Mrs. Smith"), ("Li Fang", "ms Li Fang")]
)
def test_a_title_makes_no_other_name(one: str, other: str) -> None:
    person("A", name=one, birth_date=date(1990, 5, 12))
    person("B", name=other, birth_date=date(1990, 5, 12))
    person("C", name="女士", birth_date=date(1990, 5, 12))
    assert {(one.keep.client.ref, one.gone.client.ref) for one in found()} == {("A", "B")}


def test_a_phone_of_many_says_nothing() -> None:
    for number in range(6):
        person(f"F{number}", phone="13933079244")
    assert not found()


def test_who_is_said_to_be_another_is_not_proposed_again(hq_user: User, manager_user: User) -> None:
    one, other, third = (person(ref, phone="13933079244") for ref in "ABC")
    assert len(found()) == 3
    with pytest.raises(AppError):
        say_different(first=one.pk, second=other.pk, acting_user=manager_user)
    say_different(first=other.pk, second=one.pk, acting_user=hq_user)
    say_different(first=one.pk, second=other.pk, acting_user=hq_user)
    assert {(pair.keep.client.ref, pair.gone.client.ref) for pair in found()} == {("A", "C"), ("B", "C")}
    assert AuditEntry.objects.filter(action="client.not_the_same").count() == 1
    merge_clients(keep=other, gone=third, acting_user=hq_user)
    assert not found()


def test_what_is_not_known_of_the_kept_one_is_filled_in(hq_user: User) -> None:
    keep = person("A", name="Fang", birthday="05-12")
    gone = person("B", name="Li Fang", phone="139", gender="female", birth_date=date(1990, 5, 12))
    merge = merge_clients(keep=keep, gone=gone, acting_user=hq_user)
    keep.refresh_from_db()
    assert (keep.name, keep.phone, keep.gender, keep.birth_date) == ("Fang", "139", "female", None)
    assert AuditEntry.objects.filter(action="client.changed").get().after == {"phone": "139", "gender": "female"}
    Client.objects.filter(pk=keep.pk).update(phone="138")
    undo_merge(merge.pk, acting_user=hq_user)
    keep.refresh_from_db()
    assert (keep.name, keep.phone, keep.gender) == ("Fang", "138", "")


def test_the_page_leads_to_the_merge(
    hq_client: ChainClient, salon: dict[str, Store], english: None, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    kept = Client.objects.earliest("pk")
    # Numbers are written 12,345 for people.
    made = [person(f"N{number}", phone=kept.phone, name="New", pk=9_000_000 + number) for number in range(3)]
    find_alike()
    with django_assert_max_num_queries(14):
        page = hq_client.get("/merges/clients/")
    assert "the same phone" in text_of(page)
    link = f"/merges/client/{made[0].pk}/?keep=%23{kept.pk}"
    assert link in page.content.decode()
    chosen = hq_client.get(link).content.decode()
    assert f'value="#{kept.pk}"' in chosen
    assert f"/merges/client/{kept.pk}/?keep=%23{made[0].pk}" in chosen
    assert hq_client.post(f"/merges/client/{made[0].pk}/", {"keep": f"#{kept.pk}"}).status_code == 302
    assert Merge.objects.get().keep_id == kept.pk
    assert hq_client.post(f"/merges/clients/{kept.pk}/{made[1].pk}/different/").status_code == 302
    assert DifferentClients.objects.count() == 1
    assert "/merges/clients/" in hq_client.get("/clients/").content.decode()


def test_what_is_not_alike_any_more_is_not_shown() -> None:
    one, other = person("A", phone="13933079244"), person("B", phone="13933079244")
    person("C", name="Li Fang", birth_date=date(1990, 5, 12))
    person("D", name="Li Fang", birth_date=date(1990, 5, 12))
    assert len(found()) == 2
    Client.objects.filter(pk=other.pk).update(phone="13800000000")
    Client.objects.filter(ref="C").update(birth_date=date(1990, 5, 13))
    assert not proposals()
    # What came since is found by the next look, and what was found before stands once.
    Client.objects.filter(pk=other.pk).update(phone=one.phone)
    assert [found(), len(found()), AlikeClients.objects.count()][1:] == [1, 1]


def test_the_page_looks_nobody_through() -> None:
    """However many clients there are: pairs are read in the order of an index, and clients by their ids."""
    person("A", phone="13933079244")
    person("B", phone="13933079244")
    find_alike()
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {PAIRS}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "merging_alike_newest" in plan
    assert "clients_client_pkey" in plan
    assert "Seq Scan" not in plan


def test_they_are_looked_for_after_each_import(
    salon: dict[str, Store], tmp_path: Path, files: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("client_ref,phone\nX1,13933079244\nX2,+8613933079244\n")
    with django_capture_on_commit_callbacks(execute=True):
        import_as_command("clients", file, ImportOptions(), on_progress=lambda _progress: None)
    assert {one.keep.client.ref for one in proposals()} & {"X1", "X2"}


def test_who_may_not(
    salon: dict[str, Store],
    hq_client: ChainClient,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
) -> None:
    one, other = Client.objects.order_by("pk")[:2]
    said = f"/merges/clients/{one.pk}/{other.pk}/different/"
    for path in ("/merges/clients/", said):
        assert manager_client.get(path).status_code == 403
        assert manager_client.post(path).status_code == 403
        assert anonymous_client.post(path).status_code == 302
        assert hq_client.delete(path).status_code == 405
    assert other_client.post(said).status_code == 404
    assert hq_client.get(said).status_code == 405
    assert "/merges/clients/" not in manager_client.get("/clients/").content.decode()
    assert not DifferentClients.objects.exists()
