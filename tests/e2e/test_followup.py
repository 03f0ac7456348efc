"""A manager works off the list of those who have not come back, on a phone."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Locator, Page, expect

from core.accounts.models import User
from core.clients.models import Client
from core.followup.models import Contact
from core.stores.models import Store, StoreAccess
from core.visits.services.lines import NewLine
from core.visits.services.visits import local_today, record_visit
from tests.e2e.conftest import Site, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
CLIENTS = 60


@pytest.fixture
def list_site(empty_site: Site) -> Site:
    """A store with sixty clients who come every thirty days and are overdue by 1 to 60."""
    with tenant_context(empty_site.chain):
        store = Store.objects.create(code="S001", name="Yorkville")
        today = store.complete_through = local_today(store)
        store.save()
        store.locations.create(city="X", city_tier="一线", region="E")
        hq, manager = (User.objects.get(email=f"{who}@acme.test") for who in ("hq", "manager"))
        StoreAccess.objects.create(user=manager, store=store)
        for number in range(1, CLIENTS + 1):
            phone = f"138000000{number:02}" if number != 2 else ""
            client = Client.objects.create(ref=f"N{number:02}", name=f"Client {number:02}", phone=phone)
            for ago in (90, 60, 30):
                day = today - timedelta(days=ago + number)
                record_visit(acting_user=hq, store=store, client=client, day=day, lines=[NewLine(amount=Decimal(100))])
    return empty_site


def of(page: Page, number: int) -> Locator:
    """The row of a client."""
    return page.locator(".worklist > li", has_text=f"Client {number:02}")


def test_five_are_worked_off_on_a_phone(list_site: Site, visit: Visit) -> None:
    visitor = visit(width=390)
    page = visitor.page
    list_site.sign_in(page, "manager@acme.test")
    page.get_by_role("link", name="Follow-up").click()
    expect(page.get_by_role("heading", name="Who has not come back")).to_be_visible()
    expect(page.get_by_role("link", name="To contact 60")).to_be_visible()
    first = of(page, 1)
    expect(first.get_by_role("link", name=re.compile("Call"))).to_have_attribute("href", "tel:13800000001")
    expect(of(page, 2)).to_contain_text("No phone")
    # Two are called and one is sent a message, in place; one of the calls was a slip of the thumb.
    for number, button in ((1, "Called"), (2, "Message sent"), (3, "Called"), (4, "Called")):
        person = of(page, number)
        person.get_by_role("button", name=button).click()
        expect(person.locator(".chip.good")).to_contain_text(button)
    slip = of(page, 4)
    slip.get_by_role("button", name="Undo").click()
    expect(slip.get_by_role("button", name="Called")).to_be_visible()
    # The third gets a note.
    of(page, 3).get_by_role("link", name="Add a note").click()
    page.get_by_label("Note").fill("Comes next week")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".contacts")).to_contain_text("Comes next week")
    # The fourth wants no more calls; the fifth is recorded from the client's page.
    for number, kind in ((4, "Do not contact"), (5, "Called")):
        page.goto(f"{list_site.url}/follow-up/")
        of(page, number).get_by_role("link", name="More").click()
        page.get_by_label(kind).check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text(f"Recorded for Client {number:02}: {kind}.")
    for tab in ("To contact 55", "Contacted 4", "Booked 0", "Do not contact 1"):
        expect(page.get_by_role("link", name=tab)).to_be_visible()
    with tenant_context(list_site.chain):
        kinds = Contact.objects.order_by("client__ref").values_list("client__ref", "kind")
        assert dict(kinds) == {
            "N01": "called", "N02": "message", "N03": "called", "N04": "do_not_contact", "N05": "called",
        }  # fmt: skip
        assert Contact.objects.get(client__ref="N03").note == "Comes next week"
    assert visitor.complaints == []


def test_what_another_has_marked_is_said(list_site: Site, visit: Visit) -> None:
    page = visit(width=390).page
    list_site.sign_in(page, "manager@acme.test")
    page.goto(f"{list_site.url}/follow-up/")
    with tenant_context(list_site.chain):
        store = Store.objects.get()
        Contact.objects.create(
            client=Client.objects.get(ref="N01"), store=store, day=local_today(store), kind="called",
            recorded_by=User.objects.get(email="hq@acme.test"),
        )  # fmt: skip
    person = of(page, 1)
    person.get_by_role("button", name="Called").click()
    expect(person).to_contain_text("Already recorded")
    expect(person).to_contain_text("Min Zhou")


def test_going_back_finds_filter_page_and_place(list_site: Site, visit: Visit) -> None:
    page = visit(width=390).page
    list_site.sign_in(page, "manager@acme.test")
    page.goto(f"{list_site.url}/follow-up/")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Sort by").select_option("-overdue")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Next").click()
    last = of(page, 20)
    last.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 500
    last.get_by_role("link", name="More").click()
    expect(page.get_by_role("heading", name="Client 20")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    assert "sort=-overdue" in page.url
    page.wait_for_function(f"Math.abs(scrollY - {place}) < 50")
    # By the link above the page too.
    last.get_by_role("link", name="More").click()
    page.get_by_role("link", name="Who has not come back").click()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    assert "sort=-overdue" in page.url


def test_without_scripts_it_works_too(list_site: Site, visit: Visit) -> None:
    page = visit(width=390, scripts=False).page
    list_site.sign_in(page, "manager@acme.test")
    page.goto(f"{list_site.url}/follow-up/")
    of(page, 1).get_by_role("button", name="Called").click()
    expect(page.get_by_role("status")).to_contain_text("Recorded for Client 01: Called.")
    expect(page.get_by_role("link", name="Contacted 1")).to_be_visible()


def test_the_pages_are_accessible_and_nothing_overflows(list_site: Site, visit: Visit) -> None:
    page = visit().page
    with tenant_context(list_site.chain):
        client = Client.objects.get(ref="N01")
        store = Store.objects.get()
        day = local_today(store)
        called = Contact.objects.create(client=client, store=store, day=day, kind="called", note="x" * 300)
        Contact.objects.create(client=client, store=store, day=day, kind="do_not_contact")
    list_site.sign_in(page, "hq@acme.test")
    for path in (
        "stores/S001/", "stores/S001/?state=blocked", f"clients/{client.pk}/", f"contacts/{called.pk}/",
        "history/S001/", "stores/S001/?segment=high",
    ):  # fmt: skip
        page.goto(f"{list_site.url}/follow-up/{path}")
        look(page)
    page.goto(f"{list_site.url}/clients/{client.pk}/")
    look(page)
