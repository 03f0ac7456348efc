"""Two mark the same client at the same moment, over real connections."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.followup.models import Contact
from core.followup.services.contacts import correct_contact, lift_block, record_contact, remove_contact
from core.merging.services.merging import merge_clients
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import local_today, record_visit
from tenants.models import Chain
from tests.plugins.at_once import refusals_at_once
from tests.plugins.chains import make_user

CALLED, BLOCK = Contact.Kind.CALLED, Contact.Kind.DO_NOT_CONTACT


@pytest.fixture
def user(committed_chain: Chain) -> User:
    return make_user("hq@acme.test", role=User.Role.HQ)


@pytest.fixture
def store(committed_chain: Chain) -> Store:
    return open_store(code="A", name="A", city="上海", city_tier="一线", region="华东")


def client_of(store: Store, user: User, ref: str = "1") -> Client:
    client = Client.objects.create(ref=ref)
    day = local_today(store) - timedelta(days=90)
    record_visit(acting_user=user, store=store, client=client, day=day, lines=[NewLine(amount=Decimal(1))])
    return client


def mark(client: Client, store: Store, user: User, kind: Contact.Kind = CALLED, day: date | None = None) -> Contact:
    return record_contact(client_id=client.pk, store=store, kind=kind, day=day or local_today(store), acting_user=user)


def test_one_of_two_calls_is_recorded(committed_chain: Chain, store: Store, user: User) -> None:
    client = client_of(store, user)
    codes = refusals_at_once(*[lambda: mark(client, store, user)] * 4, chain=committed_chain)
    assert codes == ["", *["recorded_already"] * 3]
    assert Contact.objects.count() == 1
    assert AuditEntry.objects.filter(action="contact.recorded").count() == 1


def test_nobody_is_called_after_the_block(committed_chain: Chain, store: Store, user: User) -> None:
    for number in range(5):
        client = client_of(store, user, str(number))
        refusals_at_once(
            lambda client=client: mark(client, store, user),
            lambda client=client: mark(client, store, user, BLOCK),
            chain=committed_chain,
        )
        kinds = list(Contact.objects.filter(client=client).order_by("pk").values_list("kind", flat=True))
        assert kinds in ([CALLED, BLOCK], [BLOCK])


def test_what_one_removes_another_cannot_change(committed_chain: Chain, store: Store, user: User) -> None:
    for number in range(3):
        contact = mark(client_of(store, user, str(number)), store, user)
        what = {"contact_id": contact.pk, "acting_user": user}
        codes = refusals_at_once(
            lambda what=what: remove_contact(**what),
            lambda what=what: remove_contact(**what),
            lambda what=what, day=contact.day: correct_contact(kind=CALLED, day=day, note="x", **what),
            chain=committed_chain,
        )
        assert codes in (["", "", "unknown_contact"], ["", "unknown_contact", "unknown_contact"])
    assert not Contact.objects.exists()


def test_a_block_is_lifted_once(committed_chain: Chain, store: Store, user: User) -> None:
    contact = mark(client_of(store, user), store, user, BLOCK)
    deed = lambda: lift_block(contact_id=contact.pk, acting_user=user)  # noqa: E731
    assert refusals_at_once(deed, deed, chain=committed_chain) == ["", "no_block"]


def test_a_contact_is_kept_while_its_client_is_merged(committed_chain: Chain, store: Store, user: User) -> None:
    """It comes to the kept client, or is refused: never left with the other."""
    keep, gone = client_of(store, user, "keep"), client_of(store, user, "gone")
    codes = refusals_at_once(
        lambda: mark(gone, store, user),
        lambda: merge_clients(keep=keep, gone=gone, acting_user=user),
        chain=committed_chain,
    )
    assert codes in (["", ""], ["", "unknown_client"])
    assert not Contact.objects.filter(client=gone).exists()
    assert Contact.objects.filter(client=keep).count() == codes.count("") - 1
