"""Contacts take part in what happens to clients and stores: merging, deleting, imports and samples taken back."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import ProtectedError
from pytest_django import Settings

from core.accounts.models import User
from core.clients.models import Client
from core.followup.absence import absence_of
from core.followup.models import Contact
from core.followup.services.contacts import record_contact
from core.followup.worklist import entries
from core.imports.undo.undoing import undo_import
from core.merging.services.merging import merge_clients, merge_stores
from core.merging.services.undoing import undo_merge
from core.profiles.services.editing import delete_client
from core.shared.errors import AppError
from core.start.services.sample import load_sample, remaining_stores, remove_sample
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import local_today, record_visit
from tenants.models import Chain
from tests.core.followup.conftest import Come
from tests.core.imports.undo.conftest import bring_run
from tests.plugins.chains import make_user

BLOCK = Contact.Kind.DO_NOT_CONTACT


def contact(client: Client, store: Store, day: date, kind: str = "called") -> Contact:
    return Contact.objects.create(client=client, store=store, day=day, kind=kind)


def state_of(client: Client, store: Store, today: date) -> list[str]:
    listed = entries(absence_of(store, today=today).clients, today=today)
    return [entry.state for entry in listed if entry.absent.client_id == client.pk]


def test_contacts_move_to_the_kept_client_and_back(
    five: list[Client], store: Store, hq_user: User, today: date
) -> None:
    keep, gone = five[:2]
    own = contact(keep, store, today)
    moved = contact(gone, store, today - timedelta(days=3), BLOCK)
    merge = merge_clients(keep=keep, gone=gone, acting_user=hq_user)
    moved.refresh_from_db()
    assert moved.client_id == keep.pk
    assert state_of(keep, store, today) == ["blocked"]
    assert Contact.objects.filter(client=keep).count() == 2
    undo_merge(merge.pk, acting_user=hq_user)
    moved.refresh_from_db()
    own.refresh_from_db()
    assert (moved.client_id, own.client_id) == (gone.pk, keep.pk)
    assert state_of(gone, store, today) == ["blocked"]


def test_a_block_holds_after_a_merge_with_one_lifted_later(
    come: Come, five: list[Client], store: Store, hq_user: User, today: date
) -> None:
    keep, gone = five[0], come("6", 40)
    contact(gone, store, today - timedelta(days=9), BLOCK)
    lifted = contact(keep, store, today - timedelta(days=5), BLOCK)
    Contact.objects.filter(pk=lifted.pk).update(lifted_on=today)
    merge_clients(keep=keep, gone=gone, acting_user=hq_user)
    with pytest.raises(AppError) as refusal:
        record_contact(client_id=keep.pk, store=store, kind=Contact.Kind.CALLED, day=today, acting_user=hq_user)
    assert refusal.value.code == "do_not_contact"


def test_contacts_of_a_store_move_with_it(five: list[Client], store: Store, hq_user: User, today: date) -> None:
    other = open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")
    made = contact(five[0], store, today)
    merge = merge_stores(keep=other, gone=store, acting_user=hq_user)
    assert Contact.objects.get().store_id == other.pk
    undo_merge(merge.pk, acting_user=hq_user)
    made.refresh_from_db()
    assert made.store_id == store.pk


def test_they_go_with_a_client_and_keep_a_store(store: Store, hq_user: User, today: date) -> None:
    client = Client.objects.create(ref="X")
    contact(client, store, today)
    with pytest.raises(ProtectedError):
        store.delete()
    delete_client(client_id=client.pk, acting_user=hq_user)
    assert not Contact.objects.exists()


def test_a_client_of_a_file_who_was_contacted_stays_when_it_is_taken_back(
    store: Store, hq_user: User, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    text = "client_ref,started_at,amount,store_code\nA,2025-05-01,5,S001\nB,2025-05-01,5,S001\n"
    run = bring_run("visits", text, tmp_path, create_missing=True)
    contact(Client.objects.get(ref="A"), store, date(2025, 6, 1))
    undo_import(run.pk, acting_user=hq_user)
    assert list(Client.objects.values_list("ref", flat=True)) == ["A"]
    assert not Visit.objects.exists()
    assert Contact.objects.count() == 1


def test_contacts_with_the_sample_go_with_it(committed_chain: Chain) -> None:
    owner = make_user("owner@acme.test", role=User.Role.OWNER)
    load_sample(acting_user=owner, on_progress=lambda *_told: None)
    store = Store.objects.order_by("code").first()
    assert store is not None
    today = local_today(store)
    listed = absence_of(store, today=today).clients
    assert listed
    for one in listed[:2]:
        record_contact(client_id=one.client_id, store=store, kind=Contact.Kind.CALLED, day=today, acting_user=owner)
    # One of them has come for a visit of the chain's own, and stays with store and contact.
    client = Client.objects.get(pk=listed[0].client_id)
    record_visit(acting_user=owner, store=store, client=client, day=today, lines=[NewLine(amount=Decimal(5))])
    assert remove_sample(acting_user=owner) == [store.name]
    assert remaining_stores() == [store.name]
    assert list(Contact.objects.values_list("client", flat=True)) == [client.pk]
