"""An operator in a real browser: signs in, finds a chain, goes in as its owner and leaves again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_tenants.utils import tenant_context
from playwright.sync_api import expect
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from tenants.console.figures import take_figures
from tests.e2e.conftest import Site
from tests.plugins.chains import PASSWORD

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
        take_figures()
    return committed_operator


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_sign_in_find_go_in_leave(
    empty_site: Site, operator: User, visit: Callable[..., Any], port: int, width: int, scheme: str
) -> None:
    visitor = visit(width=width, scheme=scheme)
    page = visitor.page
    page.goto(f"http://console.localhost:{port}/")
    page.get_by_label("E-mail").fill(operator.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
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
