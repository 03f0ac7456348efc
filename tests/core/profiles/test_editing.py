"""Correcting a client's record, and deleting one that was made by mistake."""

import re
from datetime import date
from typing import Any

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.profiles.services.editing import FIELDS, change_client, delete_client
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import Visit
from tests.core.imports.conftest import Bring, bring, media, stores, write
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

__all__ = ["bring", "media", "stores", "write"]
VISITS = (
    "store_code,client_ref,started_at,visit_ref,item,amount\n"
    "S1,C1,2025-03-01,7,Cut,50\nS1,C1,2025-03-05,,Cut,60\nS2,C2,2025-03-05,,Cut,70\n"
)


@pytest.fixture
def client_c1(bring: Bring, stores: list[Store]) -> Client:
    bring("visits", VISITS, create_missing=True)
    return Client.objects.get(ref="C1")


def values(client: Client, **changed: Any) -> dict[str, Any]:
    return {**{name: getattr(client, name) for name in FIELDS}, **changed}


def test_a_record_is_corrected_and_the_trail_tells(client_c1: Client, hq_user: User, stores: list[Store]) -> None:
    Client.objects.filter(pk=client_c1.pk).update(birthday="05-12")
    born = date(1990, 5, 12)
    said = values(client_c1, name="Fang", phone="139", gender="female", birth_date=born, store=stores[1])
    change_client(client_id=client_c1.pk, values=said, acting_user=hq_user)
    client_c1.refresh_from_db()
    assert (client_c1.name, client_c1.birth_date, client_c1.birthday, client_c1.store) == ("Fang", born, "", stores[1])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.after["store"]) == ("client.changed", hq_user.email, "S2")


def test_files_of_before_and_after_know_a_client_whose_number_changed(
    client_c1: Client, hq_user: User, bring: Bring
) -> None:
    change_client(client_id=client_c1.pk, values=values(client_c1, ref="D-1"), acting_user=hq_user)
    count = Visit.objects.count()
    for file in (VISITS, VISITS.replace("C1", "D-1"), VISITS.replace("C1", "d-1")):
        assert bring("visits", file).unchanged == 3
    bring("visits", VISITS.replace("2025-03-05", "2025-06-05"))
    assert set(Visit.objects.filter(store__code="S1").values_list("client", flat=True)) == {client_c1.pk}
    assert Visit.objects.count() == count + 2
    bring("clients", "client_ref,name\nC1,Fang\n")
    assert list(Client.objects.order_by("ref").values_list("ref", "name")) == [("C2", ""), ("D-1", "Fang")]
    # And once more, and back.
    for ref in ("E-1", "C1"):
        client_c1.refresh_from_db()
        change_client(client_id=client_c1.pk, values=values(client_c1, ref=ref), acting_user=hq_user)
        for file in (VISITS, VISITS.replace("C1", "D-1"), VISITS.replace("C1", "E-1") if ref == "E-1" else VISITS):
            assert bring("visits", file).unchanged == 3


def test_a_number_is_of_one_client(client_c1: Client, hq_user: User) -> None:
    other = Client.objects.get(ref="C2")
    change_client(client_id=client_c1.pk, values=values(client_c1, ref="D1"), acting_user=hq_user)
    for taken in ("D1", "d1", "C1"):
        with pytest.raises(AppError) as refused:
            change_client(client_id=other.pk, values=values(other, ref=taken), acting_user=hq_user)
        assert (refused.value.code, refused.value.field) == ("number_taken", "ref")


def test_who_has_visits_is_not_deleted(client_c1: Client, hq_user: User, bring: Bring) -> None:
    with pytest.raises(AppError) as refused:
        delete_client(client_id=client_c1.pk, acting_user=hq_user)
    assert refused.value.code == "client_has_records"
    bring("clients", "client_ref,name,referrer_ref\nC8,Li,\nC9,Wu,C8\n")
    with pytest.raises(AppError):
        delete_client(client_id=Client.objects.get(ref="C8").pk, acting_user=hq_user)
    last = Client.objects.get(ref="C9")
    change_client(client_id=last.pk, values=values(last, ref="C10"), acting_user=hq_user)
    delete_client(client_id=last.pk, acting_user=hq_user)
    assert not Client.known.filter(ref__in=["C9", "C10"]).exists()
    assert AuditEntry.objects.latest("pk").action == "client.deleted"


def form_of(client: ChainClient, page: str) -> dict[str, str]:
    form = client.get(page).context["form"]
    return {field.html_name: str(field.value() or "") for field in form}


def labels(page: Any) -> set[str]:
    return set(re.findall(r"<label[^>]*>([^<]*)</label>", page.content.decode()))


def test_by_page(hq_client: ChainClient, salon: dict[str, Store], english: None) -> None:
    one, other = Client.objects.order_by("pk")[:2]
    page = f"/clients/{one.pk}/edit/"
    assert page in hq_client.get(f"/clients/{one.pk}/").content.decode()
    said = form_of(hq_client, page)
    assert {"Client number", "Phone", "Gender", "Store"} <= labels(hq_client.get(page))
    assert hq_client.post(page, {**said, "name": "Fang", "ref": "N1"}).headers["Location"] == f"/clients/{one.pk}/"
    one.refresh_from_db()
    assert (one.name, one.ref, one.ref_key) == ("Fang", "N1", "N1")
    assert "other client’s number" in text_of(hq_client.post(page, {**said, "ref": other.ref}))
    assert hq_client.post(page, {**said, "email": "x"}).status_code == 400
    assert hq_client.post(f"/clients/{one.pk}/deletion/").status_code == 409
    made = Client.objects.create(ref="N2")
    assert "Nothing has been recorded" in text_of(hq_client.get(f"/clients/{made.pk}/edit/"))
    assert hq_client.post(f"/clients/{made.pk}/deletion/").headers["Location"] == "/clients/"
    assert not Client.objects.filter(pk=made.pk).exists()


def test_who_may_not(
    salon: dict[str, Store],
    hq_client: ChainClient,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
) -> None:
    client = Client.objects.filter(store__code="S001").earliest("pk")
    for path in (f"/clients/{client.pk}/edit/", f"/clients/{client.pk}/deletion/"):
        assert manager_client.get(path).status_code == 403
        assert manager_client.post(path, {"ref": "X"}).status_code == 403
        assert anonymous_client.post(path, {"ref": "X"}).status_code == 302
        assert other_client.post(path, {"ref": "X"}).status_code == 404
        assert hq_client.delete(path).status_code == 405
    assert hq_client.get(f"/clients/{client.pk}/deletion/").status_code == 405
    assert "/edit/" not in manager_client.get(f"/clients/{client.pk}/").content.decode()
    unchanged = Client.objects.get(pk=client.pk)
    assert (unchanged.ref, unchanged.name) == (client.ref, client.name)
