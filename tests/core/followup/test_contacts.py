"""Recording contacts, correcting and removing them, "do not contact", and what each refuses."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.followup.absence import absence_of
from core.followup.models import Contact
from core.followup.outcomes import contacts_of_store, contacts_seen_by, outcomes_by_store
from core.followup.services.contacts import correct_contact, lift_block, record_contact, remove_contact
from core.followup.templatetags.followup import outcome
from core.followup.worklist import Entry, Filters, entries, filtered
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.services.stores import open_store
from tests.core.followup.conftest import Come
from tests.plugins.chains import make_user

pytestmark = pytest.mark.usefixtures("english")
CALLED, MESSAGE, BLOCK = Contact.Kind.CALLED, Contact.Kind.MESSAGE, Contact.Kind.DO_NOT_CONTACT
Mark = Callable[..., Contact]


@pytest.fixture
def mark(five: list[Client], store: Store, manager_user: User, today: date) -> Mark:
    def mark(
        kind: Contact.Kind = CALLED, *, who: int = 0, ago: int = 0, note: str = "", by: User | None = None
    ) -> Contact:
        return record_contact(
            client_id=five[who].pk, store=store, kind=kind, day=today - timedelta(days=ago), note=note,
            acting_user=by or manager_user,
        )  # fmt: skip

    return mark


def states(store: Store, today: date) -> list[str]:
    """Of the five, by their numbers."""
    listed = entries(absence_of(store, today=today).clients, today=today)
    return [entry.state for entry in sorted(listed, key=lambda entry: entry.absent.overdue)]


def refused(code: str, call: Callable[[], object]) -> None:
    """And changes nothing."""
    before, trail = list(Contact.objects.values()), AuditEntry.objects.count()
    with pytest.raises(AppError) as refusal:
        call()
    assert refusal.value.code == code
    assert (list(Contact.objects.values()), AuditEntry.objects.count()) == (before, trail)


def test_a_call_is_recorded_and_traced(mark: Mark, manager_user: User, store: Store, today: date) -> None:
    contact = mark(note="Back from holidays next week")
    assert (contact.day, contact.recorded_by) == (today, manager_user)
    assert states(store, today) == ["contacted", *["open"] * 4]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user_id, entry.subject_label) == ("contact.recorded", manager_user.pk, "Client 1")
    assert entry.after["contact"] == "called"


def test_whoever_is_not_to_be_contacted_stays_out_until_that_is_lifted(
    mark: Mark, store: Store, manager_user: User, today: date
) -> None:
    block = mark(BLOCK, who=1, ago=3)
    assert states(store, today) == ["open", "blocked", *["open"] * 3]
    refused("do_not_contact", lambda: mark(CALLED, who=1))
    refused("do_not_contact", lambda: mark(BLOCK, who=1))
    lift_block(contact_id=block.pk, acting_user=manager_user)
    assert states(store, today) == ["open"] * 5
    assert AuditEntry.objects.latest("pk").action == "contact.allowed"
    refused("no_block", lambda: lift_block(contact_id=block.pk, acting_user=manager_user))
    mark(CALLED, who=1)


def test_the_same_of_a_day_is_recorded_once(mark: Mark, hq_user: User, manager_user: User) -> None:
    mark()
    with pytest.raises(AppError, match=r"Already recorded for 30 Jun 2025 by manager@acme\.test: Called"):
        mark(by=hq_user)
    refused("recorded_already", mark)
    mark(MESSAGE)
    mark(ago=1)


@pytest.mark.parametrize("role", [User.Role.FRONT_DESK, User.Role.BEAUTICIAN])
def test_who_serves_clients_records_contacts_of_the_own_store(mark: Mark, store: Store, role: User.Role) -> None:
    user = make_user("else@acme.test", role=role)
    refused("not_your_store", lambda: mark(by=user))
    store.access.create(user=user)
    assert mark(by=user).recorded_by == user


def test_who_lacks_the_right_changes_nothing(mark: Mark) -> None:
    contact, user = mark(), make_user("else@acme.test", role=User.Role.OPERATOR)
    refused("not_allowed", lambda: mark(who=1, by=user))
    change = {"kind": CALLED, "day": contact.day, "note": "x"}
    refused("not_allowed", lambda: correct_contact(contact_id=contact.pk, acting_user=user, **change))
    refused("not_allowed", lambda: remove_contact(contact_id=contact.pk, acting_user=user))
    refused("not_allowed", lambda: lift_block(contact_id=contact.pk, acting_user=user))


def test_another_stores_manager_changes_nothing(mark: Mark, store: Store) -> None:
    contact, user = mark(BLOCK), make_user("else@acme.test", role=User.Role.STORE_MANAGER)
    refused("not_your_store", lambda: mark(who=1, by=user))
    change = {"kind": BLOCK, "day": contact.day, "note": "x"}
    refused("not_your_store", lambda: correct_contact(contact_id=contact.pk, acting_user=user, **change))
    refused("not_your_store", lambda: remove_contact(contact_id=contact.pk, acting_user=user))
    refused("not_your_store", lambda: lift_block(contact_id=contact.pk, acting_user=user))


def test_what_cannot_be_is_refused(mark: Mark, five: list[Client], hq_user: User, store: Store, today: date) -> None:
    refused("day_to_come", lambda: mark(ago=-1))
    contact = mark()
    change = {"note": "", "acting_user": hq_user}
    tomorrow = today + timedelta(days=1)
    refused("day_to_come", lambda: correct_contact(contact_id=contact.pk, kind=CALLED, day=tomorrow, **change))
    refused("other_kind", lambda: correct_contact(contact_id=contact.pk, kind=BLOCK, day=today, **change))
    refused("unknown_contact", lambda: remove_contact(contact_id=0, acting_user=hq_user))
    elsewhere = open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")
    for client, at in ((five[0].pk, elsewhere), (0, store)):
        what = {"client_id": client, "store": at, "kind": CALLED, "day": today, "acting_user": hq_user}
        refused("unknown_client", lambda what=what: record_contact(**what))


def test_an_entry_is_corrected(mark: Mark, hq_user: User, today: date) -> None:
    contact, yesterday = mark(), today - timedelta(days=1)
    mark(MESSAGE, ago=1)
    change = {"contact_id": contact.pk, "day": yesterday, "acting_user": hq_user}
    refused("recorded_already", lambda: correct_contact(kind=MESSAGE, note="", **change))
    correct_contact(kind=CALLED, note="No answer", **change)
    contact.refresh_from_db()
    assert (contact.day, contact.note) == (yesterday, "No answer")
    entry = AuditEntry.objects.latest("pk")
    assert entry.before == {"day": "2025-06-30", "contact_note": ""}
    assert entry.after == {"day": "2025-06-29", "contact_note": "No answer"}


def test_an_entry_is_removed(mark: Mark, store: Store, manager_user: User, today: date) -> None:
    contact = mark()
    remove_contact(contact_id=contact.pk, acting_user=manager_user)
    assert states(store, today) == ["open"] * 5
    assert AuditEntry.objects.latest("pk").before["contact"] == "called"


def test_a_contact_before_the_last_visit_is_none_of_this_absence(mark: Mark, store: Store, today: date) -> None:
    mark(ago=31)
    mark(who=1, ago=31)
    assert states(store, today) == ["open", "contacted", *["open"] * 3]


def test_what_came_of_it(mark: Mark, come: Come, store: Store, manager_user: User, today: date) -> None:
    for who, ago in enumerate((5, 5, 5, 0)):
        mark(who=who, ago=ago)
    come("1", 2)
    come("2", 6)
    come("3", 5)
    found = {contact.client.ref: outcome(contact) for contact in contacts_of_store(store)}
    assert found == {"1": "came back on 28 Jun 2025, 3 days later", "2": "", "3": "came back the same day", "4": ""}
    outcomes = outcomes_by_store([store.pk], today=today)[store.pk]
    assert (outcomes.contacted, outcomes.came_back) == (4, 2)


def test_a_manager_sees_the_contacts_of_the_own_store_and_every_block(
    mark: Mark, five: list[Client], hq_user: User, store: Store, today: date, come: Come
) -> None:
    elsewhere = open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")
    come("1", 200, at=elsewhere)
    other = make_user("else@acme.test", role=User.Role.STORE_MANAGER)
    elsewhere.access.create(user=other)
    mark(CALLED)
    assert not contacts_seen_by(other, five[0])
    mark(BLOCK)
    assert [contact.kind for contact in contacts_seen_by(other, five[0])] == [BLOCK]
    assert len(contacts_seen_by(hq_user, five[0])) == 2


def test_the_list_is_filtered_and_put_in_order(come: Come, five: list[Client], store: Store, today: date) -> None:
    come("6", 100, 70, 40, amount=2000)
    come("7", 140, 110, 80, amount=600)
    listed = entries(absence_of(store, today=today).clients, today=today)

    def overdue(**filters: object) -> list[int]:
        return [entry.absent.overdue for entry in filtered(listed, Filters(**filters))]  # type: ignore[arg-type]

    assert overdue() == [10, 50, 1, 2, 3, 4, 5]
    assert overdue(order="-overdue") == [50, 10, 5, 4, 3, 2, 1]
    assert overdue(order="overdue", overdue=(5, 49)) == [5, 10]
    assert overdue(order="name") == [1, 2, 3, 4, 5, 10, 50]
    assert overdue(order="spent")[:2] == [10, 50]
    assert overdue(segment="mid") == [50]
    assert overdue(staff=7) == []


def test_of_nobody_there_are_no_entries(today: date, chain: object) -> None:
    nothing: list[Entry] = []
    assert entries([], today=today) == nothing
