"""A site that a real browser can visit: a chain of its own with committed data, served from a thread."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.utils import timezone
from django_tenants.utils import tenant_context
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings

from core.accounts.models import User
from core.stores.models import StoreAccess
from tenants.models import Chain
from tests.plugins.chains import PASSWORD
from tests.plugins.salons import make_salon

CHROMIUM = next(filter(Path.exists, map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser"))), None)
# Milliseconds: a machine that is busy with other tests besides is slow, not wrong.
expect.set_options(timeout=30_000)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A test's output is no access log."""


@dataclass(frozen=True)
class Site:
    chain: Chain
    url: str

    def sign_in(self, page: Page, email: str) -> None:
        page.goto(f"{self.url}/sign-in/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed here")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def port(browser: Browser, tmp_path: Path, settings: Settings) -> Iterator[int]:
    """Where the site is served from a thread."""
    settings.MEDIA_ROOT = tmp_path / "files"
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.PLATFORM_URL = f"http://localhost:{server.server_port}"
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def empty_site(port: int, make_committed_chain: Callable[..., Chain]) -> Site:
    """A chain with its users and nothing else."""
    chain = make_committed_chain(language="en")
    with tenant_context(chain):
        known: dict[str, Any] = {"password": make_password(PASSWORD), "email_confirmed_at": timezone.now()}
        User.objects.create(email="hq@acme.test", name="Min Zhou", role=User.Role.HQ, **known)
        User.objects.create(email="manager@acme.test", name="Jing Li", role=User.Role.STORE_MANAGER, **known)
    return Site(chain, f"http://{chain.schema_name}.localhost:{port}")


@pytest.fixture
def site(empty_site: Site) -> Site:
    """With three stores and two years of visits; the manager works in the first."""
    with tenant_context(empty_site.chain):
        stores = make_salon()
        StoreAccess.objects.create(user=User.objects.get(email="manager@acme.test"), store=stores["S001"])
    return empty_site


# What is found, without all that was right.
FOUND = {"resultTypes": ["violations"]}
# The themes differ in their colours alone.
OF_COLOURS = {"runOnly": ["color-contrast"]}


class OnceInAPage(Axe):
    """Brings its half megabyte of script into a page once, however often it looks."""

    def run(self, page: Page, context: Any = None, options: dict[str, Any] | None = None) -> AxeResults:
        if not page.evaluate("'axe' in window"):
            page.evaluate(self.axe_script)
        return AxeResults(page.evaluate("options => axe.run(document, options)", {**FOUND, **(options or {})}))


def look(page: Page, options: dict[str, Any] | None = None) -> None:
    """At the page as it stands, wide and as a phone shows it, light and dark: accessible, and nothing overflows."""
    page.wait_for_load_state()
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width}"
        for scheme, looked_for in (("light", options), ("dark", OF_COLOURS)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = OnceInAPage().run(page, options=looked_for)
            assert found.violations_count == 0, f"{page.url} at {width}, {scheme}\n{found.generate_report()}"


@dataclass(frozen=True)
class Visitor:
    """A browser's page, and what its console complained of."""

    page: Page
    complaints: list[str]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens browsers of a width and a colour scheme."""
    contexts: list[BrowserContext] = []

    def open_one(*, width: int = 1440, scheme: str = "light", scripts: bool = True) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return Visitor(page, complaints)

    yield open_one
    for context in contexts:
        context.close()
