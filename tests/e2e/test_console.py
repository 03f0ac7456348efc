"""An operator in a real browser: signs in, finds a chain, goes in as its owner and leaves again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.mail.models import OutgoingMail
from core.mail.outbox import MAX_ATTEMPTS
from tenants.console.chain_figures import update_figures
from tenants.console.open_work.listing import list_chain_work
from tests.e2e.conftest import Site, look
from tests.plugins.chains import PASSWORD, outside_chains
from tests.plugins.console import restoration

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def operator(empty_site: Site, committed_operator: User, settings: Settings) -> User:
    """The chain has an owner and figures."""
    settings.CONSOLE_NEEDS_SECOND_FACTOR = False
    with tenant_context(empty_site.chain):
        User.objects.create(
            email="owner@acme.test",
            name="Lan Wu",
            role=User.Role.OWNER,
            password=make_password(PASSWORD),
            language="en",
            email_confirmed_at=timezone.now(),
        )
        update_figures()
    return committed_operator


def sign_in(page: Page, port: int, operator: User) -> None:
    page.goto(f"http://console.localhost:{port}/")
    page.get_by_label("E-mail").fill(operator.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def jobs(empty_site: Site) -> None:
    """A letter that could not be delivered, and restorations that ended one way and another."""
    with tenant_context(empty_site.chain):
        OutgoingMail.objects.create(
            from_email="a@b.test", to=["lee@acme.test"], subject="Hi", text="t", attempts=MAX_ATTEMPTS,
            error="550 5.1.1 no such user in this very long answer of a server", next_attempt_at=timezone.now(),
        )  # fmt: skip
        list_chain_work()
    with outside_chains():
        # The list loads itself again where one is under way.
        for state in ("done", "refused", "failed"):
            restoration(f"new_{state}", state=state, error="Not now.", asked_by="x@y.test")


# Of django-unfold's frame: no main landmark round a list, and two regions of one name.
FRAME = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main", "landmark-unique")}}


def test_axe_finds_nothing_and_nothing_overflows(
    empty_site: Site, operator: User, jobs: None, visit: Callable[..., Any], port: int
) -> None:
    visitor = visit()
    sign_in(visitor.page, port, operator)
    of_chain = [f"/tenants/chain/{empty_site.chain.pk}/{rest}/" for rest in ("change", "erasure", "visit")]
    lists = [
        "/tenants/chain/",
        "/console/openwork/",
        "/console/restoration/",
        "/accounts/user/",
        "/console/operatoraction/",
    ]
    for path in [*lists, *of_chain, "/console/restoration/add/", "/account/two-step/totp/activate/"]:
        visitor.page.goto(f"http://console.localhost:{port}{path}")
        visitor.page.wait_for_load_state("networkidle")
        look(visitor.page, options=FRAME)
    assert visitor.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_sign_in_find_go_in_leave(
    empty_site: Site, operator: User, visit: Callable[..., Any], port: int, width: int, scheme: str
) -> None:
    visitor = visit(width=width, scheme=scheme)
    page = visitor.page
    sign_in(page, port, operator)
    page.get_by_role("link", name="Throwaway").first.click()
    page.get_by_role("link", name="Go in").click()
    page.get_by_label("As", exact=True).select_option(label="Lan Wu · owner@acme.test · Owner")
    page.get_by_label("Reason").fill("Request 4711: cannot find the import")
    page.get_by_role("button", name="Go in").click()
    page.get_by_role("link", name="Enter Throwaway").click()
    expect(page.get_by_text("is working here as")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_text("Request 4711: cannot find the import").first).to_be_visible()
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("link", name="Back to the console").click()
    expect(page.get_by_text("What operators did")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []
    with tenant_context(empty_site.chain):
        done = AuditEntry.objects.filter(action__startswith="impersonation").order_by("pk")
        assert list(done.values_list("action", "actor")) == [
            ("impersonation.began", "operator committed@platform.test"),
            ("impersonation.ended", "operator committed@platform.test"),
        ]
