"""A salon owner in a real browser: from the public site to the own chain, confirmed, with sample data in and out."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from tenants.models import Chain
from tenants.provisioning import drop_chain
from tests.e2e.conftest import Visitor, look
from tests.plugins.chains import public

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
PASSWORD = "seven quiet herons"


@pytest.fixture
def url(port: int, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The platform's own site; chains that sign up in the test are dropped after it."""
    cache.clear()
    with django_db_blocker.unblock():
        before = set(Chain.objects.values_list("pk", flat=True))
        yield f"http://localhost:{port}"
        with tenant_context(public()):
            for chain in Chain.objects.exclude(pk__in=before):
                drop_chain(chain)


def fill(page: Page, **said: str) -> None:
    for label, text in said.items():
        page.get_by_label({"name": "Name of your chain", "email": "Your e-mail"}.get(label, label.title())).fill(text)


def test_an_owner_signs_up_confirms_and_takes_the_guided_start(url: str, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.goto(url)
    page.get_by_role("link", name="Start free").first.click()
    page.get_by_label("Name of your chain").press_sequentially("悦颜美容")
    expect(page.get_by_label("Address")).to_have_value("yueyanmeirong")
    expect(page.locator("#address-status")).to_have_text("yueyanmeirong.localhost is free.")
    page.get_by_label("Address").fill("adm1n")
    expect(page.locator("#address-status")).to_contain_text("can be mistaken for “admin”")
    page.get_by_label("Address").fill("yueyan")
    expect(page.locator("#address-status")).to_have_text("yueyan.localhost is free.")
    page.get_by_label("Country or region").select_option("CN")
    fill(page, email="li@yueyan.test", password="password123")
    page.get_by_role("button", name="Make my chain").click()
    expect(page.get_by_text("too common")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Address")).to_have_value("yueyan")
    fill(page, password=PASSWORD)
    page.get_by_role("button", name="Make my chain").click()

    page.wait_for_url(re.compile(r"http://yueyan\.localhost:\d+/overview/"))
    expect(page.get_by_role("heading", name="No visits yet")).to_be_visible()
    expect(page.get_by_text("open the link in the mail to li@yueyan.test")).to_be_visible()
    confirm(page)
    guided_start(page)
    # A weak password, and a link used twice.
    assert [re.findall(r"status of (\d+)", text) for text in visitor.complaints] == [["400"], ["409"]]


def confirm(page: Page) -> None:
    link = re.search(r"http://yueyan\.localhost\S+token=\S+", str(mail.outbox[-1].body))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    expect(page.get_by_text("open the link in the mail")).to_have_count(0)
    page.goto(link[0])
    expect(page.get_by_text("has been confirmed already")).to_be_visible()
    page.get_by_role("link", name="Back to the start").click()


def guided_start(page: Page) -> None:
    look(page)
    page.get_by_role("button", name="Put sample data in").click()
    page.wait_for_selector(".chart svg", timeout=60_000)
    expect(page.locator(".say")).to_contain_text("clients came back from")
    expect(page.get_by_text("These are sample data")).to_be_visible()
    page.get_by_role("button", name="Take the sample out").click()
    expect(page.get_by_role("heading", name="No visits yet")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Import stores").click()
    expect(page.get_by_label("Stores", exact=True)).to_be_checked()


def test_the_owner_invites_a_manager_who_sees_only_the_own_store(url: str, visit: Visit) -> None:
    page = visit().page
    page.goto(f"{url}/sign-up/")
    fill(page, name="Calm Corner", email="anna@calm.test", password=PASSWORD)
    page.get_by_label("Country or region").select_option("GB")
    page.get_by_role("button", name="Make my chain").click()
    page.get_by_role("button", name="Put sample data in").click()
    page.wait_for_selector(".chart svg", timeout=60_000)

    page.get_by_role("link", name="Team", exact=True).click()
    page.get_by_role("link", name="Invite someone").click()
    page.get_by_label("E-mail").fill("jo@calm.test")
    page.get_by_label("Role").select_option("store_manager")
    option = page.get_by_role("group", name="Stores").locator("label").first
    store = str(option.text_content()).split(" · ")[1].strip()
    option.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The invitation is on its way to jo@calm.test.")).to_be_visible()
    link = re.search(r"http://calm-corner\.localhost\S+/join/\S+", str(mail.outbox[-1].body))
    assert link is not None

    other = visit().page
    other.goto(link[0])
    other.get_by_label("Your name").fill("Jo Baker")
    other.get_by_label("Password").fill("nine patient sparrows")
    other.get_by_role("button", name="Join").click()
    expect(other.get_by_role("heading", name=store)).to_be_visible()
    other.get_by_role("button", name="Sign out").click()
    other.goto(link[0].split("/team/")[0] + "/sign-in/")
    other.get_by_label("E-mail").fill("jo@calm.test")
    other.get_by_label("Password").fill("nine patient sparrows")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name=store)).to_be_visible()
    sections = other.get_by_role("navigation", name="Main").get_by_role("link").all_text_contents()
    assert [section.strip() for section in sections] == ["Overview", "My stores", "Follow-up", "Clients"]
    other.get_by_role("link", name="My stores").first.click()
    expect(other.locator("tbody tr")).to_have_count(1)


def test_without_a_script_the_address_comes_from_the_name(url: str, visit: Visit) -> None:
    page = visit(scripts=False).page
    page.goto(f"{url}/sign-up/")
    fill(page, name="Café Élan", email="anna@elan.test", password=PASSWORD)
    page.get_by_label("Country or region").select_option("FR")
    page.get_by_role("button", name="Make my chain").click()
    page.wait_for_url(re.compile(r"http://cafe-elan\.localhost:\d+/overview/"))
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Your e-mail").fill("anna@elan.test")
    page.get_by_role("button", name="Send me the address").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    assert "http://cafe-elan.localhost:" in str(mail.outbox[-1].body)


def test_axe_finds_nothing_on_the_public_pages(url: str, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    for path in ("/", "/prices/", "/prices/?stores=0", "/sign-up/", "/sign-in/"):
        page.goto(url + path)
        page.wait_for_load_state("networkidle")
        look(page)
    assert [text for text in visitor.complaints if "400 (Bad Request)" not in text] == []
