"""The pages of the list and of contacts: whom they open to, what they say, and that a refusal changes nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.appointments.models import Appointment
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.followup.models import Contact
from core.staff.models import StaffMember
from core.stores.models import RegionAccess, Store
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.core.followup.conftest import Come
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of

pytestmark = pytest.mark.usefixtures("english")
LIST = "/follow-up/stores/S001/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def called(five: list[Client], store: Store, manager_user: User, today: date) -> Contact:
    return Contact.objects.create(client=five[0], store=store, day=today, kind="called", recorded_by=manager_user)


@pytest.fixture
def block(five: list[Client], store: Store, manager_user: User, today: date) -> Contact:
    return Contact.objects.create(client=five[1], store=store, day=today, kind="do_not_contact")


def pages(client: Client, contact: Contact, block: Contact) -> list[tuple[str, str, int]]:
    """Method, address and what a user who may gets."""
    return [
        ("get", LIST, 200),
        ("get", "/follow-up/history/S001/", 200),
        ("get", "/follow-up/csv/S001/", 200),
        ("get", "/follow-up/xlsx/S001/", 200),
        ("get", f"/follow-up/clients/{client.pk}/", 200),
        ("post", f"/follow-up/clients/{client.pk}/contacts/", 302),
        ("get", f"/follow-up/contacts/{contact.pk}/", 200),
        ("post", f"/follow-up/contacts/{contact.pk}/", 302),
        ("post", f"/follow-up/contacts/{block.pk}/lifting/", 302),
        ("post", f"/follow-up/contacts/{contact.pk}/removal/", 302),
    ]


def send(browser: ChainClient, method: str, address: str) -> Any:
    return getattr(browser, method)(address, {"kind": "called", "day": "2025-06-29"} if method == "post" else {})


def kept() -> tuple[list[Any], int]:
    return list(Contact.objects.order_by("pk").values()), AuditEntry.objects.count()


def test_who_may_gets_them_all(
    five: list[Client], called: Contact, block: Contact, manager_client: ChainClient
) -> None:
    for method, address, status in pages(five[4], called, block):
        assert send(manager_client, method, address).status_code == status, (method, address)


@pytest.mark.parametrize("role", [User.Role.FRONT_DESK, User.Role.BEAUTICIAN])
def test_who_serves_clients_works_off_the_list_of_the_own_store_and_takes_no_copy(
    five: list[Client], called: Contact, block: Contact, store: Store, role: User.Role
) -> None:
    user = make_user("else@acme.test", role=role)
    browser = signed_in(user, host="acme.localhost")
    _refused(browser, [page for page in pages(five[4], called, block) if not _is_file(page)], 404)
    store.access.create(user=user)
    _refused(browser, [page for page in pages(five[4], called, block) if _is_file(page)], 403)
    content = browser.get("/follow-up/stores/S001/").content.decode()
    assert "/follow-up/csv/" not in content
    assert 'href="/stores/S001/"' not in content
    # Phones, as they see clients.
    assert "13800000005" in content
    for method, address, status in pages(five[4], called, block):
        if not _is_file((method, address, status)):
            assert send(browser, method, address).status_code == status, (method, address)


def _is_file(page: tuple[str, str, int]) -> bool:
    return page[1].startswith(("/follow-up/csv/", "/follow-up/xlsx/"))


def test_who_lacks_the_right_gets_none(five: list[Client], called: Contact, block: Contact, store: Store) -> None:
    user = make_user("else@acme.test", role=User.Role.OPERATOR)
    store.access.create(user=user)
    _refused(signed_in(user, host="acme.localhost"), pages(five[4], called, block), 403)


def test_another_stores_manager_gets_none(five: list[Client], called: Contact, block: Contact) -> None:
    user = make_user("else@acme.test", role=User.Role.STORE_MANAGER)
    _refused(signed_in(user, host="acme.localhost"), pages(five[4], called, block), 404)


def test_another_chain_has_none_of_them(
    five: list[Client], called: Contact, block: Contact, other_client: ChainClient
) -> None:
    _refused(other_client, pages(five[4], called, block), 404)


def _refused(browser: ChainClient, wanted: list[tuple[str, str, int]], status: int) -> None:
    before = kept()
    for method, address, _status in wanted:
        assert send(browser, method, address).status_code == status, (method, address)
        assert kept() == before


def test_strangers_are_asked_to_sign_in(
    five: list[Client], called: Contact, block: Contact, anonymous_client: ChainClient
) -> None:
    before = kept()
    for method, address, _status in [("get", "/follow-up/", 0), *pages(five[4], called, block)]:
        assert send(anonymous_client, method, address)["Location"].startswith("/sign-in/")
    assert kept() == before


def test_by_the_wrong_method_nothing_happens(
    five: list[Client], called: Contact, block: Contact, manager_client: ChainClient
) -> None:
    before = kept()
    for method, address, _status in [("get", "/follow-up/", 0), *pages(five[4], called, block)]:
        if not address.endswith(f"/contacts/{called.pk}/"):
            other = {"get": "post", "post": "get"}[method]
            assert send(manager_client, other, address).status_code == 405, (other, address)
    assert manager_client.delete(f"/follow-up/contacts/{called.pk}/").status_code == 405
    assert kept() == before


def test_a_manager_of_one_store_opens_on_its_list(store: Store, manager_client: ChainClient) -> None:
    assert manager_client.get("/follow-up/")["Location"] == LIST


def test_headquarters_chooses_a_store(five: list[Client], called: Contact, hq_client: ChainClient) -> None:
    open_store(code="S/9", name="Other", city="X", city_tier="一线", region="E")
    text = text_of(hq_client.get("/follow-up/"))
    assert "Acme One S001 5 1 0" in text
    assert hq_client.get("/follow-up/stores/S/9/").status_code == 200
    assert "No visits yet" in text_of(hq_client.get("/follow-up/stores/S/9/"))


def test_what_the_list_says(come: Come, store: Store, manager_client: ChainClient) -> None:
    ann = StaffMember.objects.create(code="A", name="Ann", store=store)
    come("7", 100, 70, 40, amount=1800, by=ann)
    page = manager_client.get(LIST)
    text = text_of(page)
    assert "Client 7 High value" in text
    assert "10 days overdue usually every 30 days Last visit 21 May 2025 Facial · usually with Ann" in text
    assert 'href="tel:13800000007"' in page.content.decode()
    assert "days are counted to then" not in text


def test_where_data_ends_before_today_the_page_says_so(
    five: list[Client], store: Store, manager_client: ChainClient, today: date
) -> None:
    store.complete_through = today - timedelta(days=1)
    store.save()
    text = text_of(manager_client.get(LIST))
    assert "complete through 29 Jun 2025; days are counted to then" in text
    assert "import newer visits" not in text
    assert "To contact 4" in text
    store.complete_through = today - timedelta(days=30)
    store.save()
    assert "No client of this store is past" in text_of(manager_client.get(LIST))


def test_the_list_is_worked_off_tab_by_tab(
    five: list[Client], called: Contact, block: Contact, store: Store, manager_client: ChainClient, today: date
) -> None:
    Appointment.objects.create(client=five[2], store=store, day=today + timedelta(days=2))
    Appointment.objects.create(client=five[3], store=store, day=today + timedelta(days=2), status="cancelled")
    text = text_of(manager_client.get(LIST))
    assert "To contact 2 Contacted 1 Booked 1 Do not contact 1" in text
    assert "Client 4" in text
    assert "Client 3" not in text
    assert "booked for 2 Jul 2025" in text_of(manager_client.get(f"{LIST}?state=booked"))
    assert "Called · 30 Jun 2025" in text_of(manager_client.get(f"{LIST}?state=contacted"))
    blocked = manager_client.get(f"{LIST}?state=blocked")
    assert "Client 2" in text_of(blocked)
    assert "tel:" not in blocked.content.decode()


def test_filters_stay_in_every_address_that_leads_back(five: list[Client], manager_client: ChainClient) -> None:
    query = "?segment=potential&amp;overdue=1-14&amp;sort=overdue"
    page = manager_client.get(f"{LIST}?segment=potential&overdue=1-14&sort=overdue&else=1").content.decode()
    assert f"/follow-up/clients/{five[0].pk}/{query}" in page
    assert f"/follow-up/csv/S001/{query}" in page
    answer = manager_client.post(
        f"/follow-up/clients/{five[0].pk}/contacts/?segment=potential&overdue=1-14&page=2", {"kind": "called"}
    )
    assert answer["Location"] == f"{LIST}?segment=potential&overdue=1-14&page=2"


def test_a_filter_that_is_none_is_marked(five: list[Client], manager_client: ChainClient) -> None:
    text = text_of(manager_client.get(f"{LIST}?segment=rich&staff=x&overdue=2"))
    assert "To contact 5" in text
    assert "Select a valid choice" in text


def test_a_button_of_the_list_marks_in_place_and_is_undone(
    five: list[Client], manager_client: ChainClient, today: date
) -> None:
    address = f"/follow-up/clients/{five[0].pk}/contacts/?page=2"
    marked = manager_client.post(address, {"kind": "message"}, headers=HTMX)
    contact = Contact.objects.get()
    assert (contact.kind, contact.day, contact.note) == ("message", today, "")
    assert "Message sent · 30 Jun 2025" in text_of(marked)
    assert "<html" not in marked.content.decode()
    again = manager_client.post(address, {"kind": "message"}, headers=HTMX)
    assert again.status_code == 409
    assert "Already recorded" in text_of(again)
    undone = manager_client.post(f"/follow-up/contacts/{contact.pk}/removal/?page=2", headers=HTMX)
    assert "Called" in text_of(undone)
    assert not Contact.objects.exists()


def test_the_form_keeps_what_was_typed(five: list[Client], block: Contact, manager_client: ChainClient) -> None:
    typed = {"kind": "called", "day": "2025-07-01", "note": "Asked for a call in July"}
    page = manager_client.post(f"/follow-up/clients/{five[0].pk}/contacts/", typed)
    assert page.status_code == 400
    assert "This day is still to come" in text_of(page)
    assert "Asked for a call in July" in text_of(page)
    refused = manager_client.post(f"/follow-up/clients/{five[1].pk}/contacts/", {"kind": "called"})
    assert refused.status_code == 409
    nothing = manager_client.post(f"/follow-up/clients/{five[0].pk}/contacts/", {})
    assert nothing.status_code == 400
    assert Contact.objects.count() == 1


def test_a_correction_says_what_it_cannot_be(called: Contact, manager_client: ChainClient) -> None:
    address = f"/follow-up/contacts/{called.pk}/"
    for typed, said in (
        ({"kind": "do_not_contact", "day": "2025-06-30"}, "cannot be made from another entry"),
        ({"kind": "called", "day": "2025-07-30"}, "This day is still to come"),
    ):
        page = manager_client.post(address, typed)
        assert page.status_code == 400
        assert said in text_of(page)
        assert "Called · 30 Jun 2025" in text_of(page)
    saved = manager_client.post(address, {"kind": "message", "day": "2025-06-28", "note": "x"}, follow=True)
    assert "The entry is saved" in text_of(saved)
    assert "Message sent 28 Jun 2025" in text_of(saved)


def test_the_clients_page_shows_contacts_and_leads_here(
    called: Contact, block: Contact, manager_client: ChainClient
) -> None:
    page = manager_client.get(f"/clients/{called.client_id}/")
    assert "Called 30 Jun 2025 Acme One · manager@acme.test not back yet" in text_of(page)
    assert f"/follow-up/clients/{called.client_id}/" in page.content.decode()
    assert "in force" in text_of(manager_client.get(f"/clients/{block.client_id}/"))


def test_another_stores_block_is_shown_and_stays(come: Come, five: list[Client], block: Contact, today: date) -> None:
    elsewhere = open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")
    come("2", 200, at=elsewhere)
    user = make_user("else@acme.test", role=User.Role.STORE_MANAGER)
    elsewhere.access.create(user=user)
    browser = signed_in(user, host="acme.localhost")
    User.objects.update(language="en")
    page = browser.get(f"/follow-up/clients/{five[1].pk}/")
    assert "in force" in text_of(page)
    assert "Allow contact again" not in text_of(page)
    assert browser.post(f"/follow-up/contacts/{block.pk}/lifting/").status_code == 404
    assert browser.post(f"/follow-up/clients/{five[1].pk}/contacts/", {"kind": "called"}).status_code == 409


@pytest.mark.parametrize(("region", "status"), [("华东", 200), ("华北", 404)])
def test_a_regional_manager_sees_the_stores_of_the_own_region(
    five: list[Client], store: Store, region: str, status: int
) -> None:
    user = make_user("region@acme.test", role=User.Role.REGIONAL_MANAGER)
    RegionAccess.objects.create(user=user, region=region)
    assert signed_in(user, host="acme.localhost").get(LIST).status_code == status


def test_the_store_page_leads_here(five: list[Client], manager_client: ChainClient) -> None:
    assert LIST in manager_client.get("/stores/S001/").content.decode()


def test_the_history_says_what_came_of_it(called: Contact, come: Come, manager_client: ChainClient) -> None:
    come("1", 0)
    text = text_of(manager_client.get("/follow-up/history/S001/"))
    assert "1 client contacted in the last 90 days, 1 came back within 30 days" in text
    assert "came back the same day" in text


def test_no_contacts_say_what_to_do(store: Store, manager_client: ChainClient) -> None:
    assert "Nobody contacted yet" in text_of(manager_client.get("/follow-up/history/S001/"))


def test_the_list_takes_few_queries_however_many_there_are(
    come: Come, five: list[Client], manager_client: ChainClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    manager_client.get(LIST)
    for number in range(10, 40):
        come(str(number), 100, 70, 40)
    with django_assert_max_num_queries(22):
        manager_client.get(LIST)


def test_while_the_chain_is_read_only_nothing_is_recorded(
    five: list[Client], called: Contact, manager_client: ChainClient, chain: Chain
) -> None:
    with outside_chains():
        chain.read_only_since = "2026-01-01T00:00Z"
        chain.save()
    before = kept()
    assert manager_client.post(f"/follow-up/clients/{five[1].pk}/contacts/", {"kind": "called"}).status_code == 403
    assert manager_client.post(f"/follow-up/contacts/{called.pk}/removal/").status_code == 403
    assert manager_client.get(LIST).status_code == 200
    assert kept() == before
