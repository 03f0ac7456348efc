"""Who comes to the console: operators at its own host, and nobody else, anywhere."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.jobs.models import Job
from tenants.console.models import OpenWork, OperatorAction, Restoration
from tenants.console.site import POLICY
from tenants.life.models import Erasure
from tenants.models import Chain, Domain
from tests.plugins.chains import OPEN_EVERYWHERE, PASSWORD, ChainClient, make_user, outside_chains, signed_in
from tests.plugins.console import HOST, at_console, page_of

OPEN = OPEN_EVERYWHERE | {"login"}
# Routes that every host has.
EVERYWHERE = ("account/", "^account/", "sign-in/", "sign-out/", "language/")
METHODS = ("get", "head", "post", "put", "patch", "delete")
EXPRESSIONS = {
    "^account/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": ["account/password/new/1-forged/"],
    "^(?P<app_label>tenants|console|life|accounts|billing)/$": [
        f"{label}/" for label in ("tenants", "console", "life", "accounts", "billing")
    ],
    "(?P<url>.*)$": ["no/such/page/"],
}


def patterns(resolver: URLResolver | None = None, path: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver(settings.CONSOLE_URLCONF)).url_patterns:
        whole = f"{path}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from patterns(entry, whole)
        else:
            yield whole, entry


@dataclass(frozen=True)
class Route:
    address: str
    name: str
    is_everywhere: bool


def routes(chain: Chain, operator: User) -> list[Route]:
    """Every route of the console, with acme's objects in it."""
    words = {
        "<int:chain_id>": chain.pk,
        "<slug:action>": "suspension",
        "<uuid:export_id>": "6b1d41e6-6f9c-4d57-b1a0-8a9a3f3a3a11",
        "<path:object_id>": chain.pk,
        "<int:work_id>": 1,
        "<int:operator_id>": operator.pk,
        "<str:month>": "2026-01",
        "<str:event_id>": "evt_1",
        "<path:content_type_id>": 1,
        "<str:key>": "forged",
    }
    found = []
    for path, pattern in patterns():
        for one in EXPRESSIONS.get(path, [path]):
            for word, value in words.items():
                one = one.replace(word, str(value))  # noqa: PLW2901
            assert not {"<", "^"} & set(one), f"Add an object for {path}."
            found.append(Route(f"/{one}", pattern.name or "", path.startswith(EVERYWHERE)))
    return found


def what_is_there(chain: Chain) -> list[Any]:
    with outside_chains():
        tables = (Chain, Domain, OpenWork, Restoration, Erasure, User, Authenticator, EmailAddress)
        found = [list(table.objects.order_by("pk").values()) for table in tables]
        found.append(list(OperatorAction.objects.exclude(what__startswith="Signed").values()))
    found.append(list(Job.objects.order_by("pk").values()))
    return [*found, list(User.objects.order_by("pk").values()), AuditEntry.objects.exclude(user_id=None).count()]


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def test_the_walk_sees_the_whole_console(chain: Chain, operator: User) -> None:
    found = routes(chain, operator)
    assert len(found) >= 60
    # Each of what is open is there, so that the list above lets nothing else through.
    assert {route.name for route in found} >= OPEN


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["nobody", "the owner of a chain"])
def test_nobody_else_comes_in(
    chain: Chain, operator: User, owner: User, no_second_factor: None, who: str, method: str
) -> None:
    key = signed_in(owner, host="acme.localhost").cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {} if who == "nobody" else {settings.SESSION_COOKIE_NAME: key}
    before = what_is_there(chain)
    for route in routes(chain, operator):
        response = getattr(at_console(**cookies), method)(route.address)
        if route.name in OPEN:
            assert response.status_code < 500, route
        else:
            assert response.status_code in {302, 405}, route
            assert "next=" in response.headers.get("Location", "next="), route
    assert what_is_there(chain) == before


@pytest.mark.parametrize("method", METHODS)
def test_another_user_of_public_comes_no_further(
    chain: Chain, operator: User, no_second_factor: None, method: str
) -> None:
    with outside_chains():
        client = signed_in(make_user("nobody@platform.test", role=User.Role.OWNER), host=HOST)
    before = what_is_there(chain)
    for route in routes(chain, operator):
        # The own account is there for whoever has one; signing out would end the walk.
        if not route.is_everywhere:
            response = getattr(client, method)(route.address)
            assert response.status_code in {302, 403, 405}, (route, response.status_code)
    assert what_is_there(chain) == before


@pytest.mark.parametrize("host", ["acme.localhost", "localhost", "127.0.0.1", "nobody.localhost"])
def test_no_other_host_has_it(chain: Chain, operator: User, owner: User, no_second_factor: None, host: str) -> None:
    """Neither with an operator's session of the console, nor for the owner of the chain."""
    with outside_chains():
        client = ChainClient(headers={"host": host})
        client.force_login(operator)
    clients = [client, signed_in(owner, host=host)] if host == "acme.localhost" else [client]
    before = what_is_there(chain)
    for route in routes(chain, operator):
        # A chain has pages of its own at these.
        if route.is_everywhere or route.address in {"/", "/billing/"}:
            continue
        for client, method in itertools.product(clients, METHODS):
            response = getattr(client, method)(route.address)
            assert response.status_code == 404, (host, method, route)
    assert what_is_there(chain) == before


@pytest.mark.parametrize("address", ["/repurchase/", "/clients/", "/sign-up/", "/prices/", "/operator/enter/"])
def test_the_console_has_nothing_else(console_client: ChainClient, address: str) -> None:
    assert console_client.get(address).status_code == 404


def test_without_a_host_there_is_no_console(chain: Chain, settings: Settings) -> None:
    settings.CONSOLE_HOSTS = []
    assert at_console().get("/sign-in/").status_code == 404


def test_an_operator_signs_in_by_the_same_page(chain: Chain, operator: User, no_second_factor: None) -> None:
    client = at_console()
    response = client.post("/sign-in/", {"login": operator.email, "password": PASSWORD})
    assert response.status_code == 302
    response = client.get("/", follow=True)
    assert "Acme Beauty" in response.content.decode()
    with outside_chains():
        assert OperatorAction.objects.get().what == "Signed in"


def test_wrong_passwords_are_braked(chain: Chain, operator: User, no_second_factor: None) -> None:
    client = at_console()
    for _try in range(11):
        response = client.post("/sign-in/", {"login": operator.email, "password": "wrong"})
    said = client.post("/sign-in/", {"login": operator.email, "password": PASSWORD})
    assert response.status_code == said.status_code == 200
    assert "Too many failed attempts" in said.content.decode()


def test_a_second_factor_comes_first(chain: Chain, operator: User) -> None:
    with outside_chains():
        client = signed_in(operator, host=HOST)
    for address in ("/", "/tenants/chain/", page_of(chain), page_of(chain, "suspension")):
        assert client.get(address).headers["Location"].endswith("/account/two-step/totp/activate/")
    assert client.post(page_of(chain, "suspension"), {"reason": "x"}).status_code == 302
    with outside_chains():
        assert not Chain.objects.get(pk=chain.pk).is_suspended


def test_a_deactivated_operator_is_out(console_client: ChainClient, operator: User) -> None:
    with outside_chains():
        User.objects.filter(pk=operator.pk).update(is_active=False)
    assert console_client.get("/tenants/chain/").status_code == 302


def test_scripts_and_styles_are_freer_here_alone(console_client: ChainClient, hq_client: Client) -> None:
    assert console_client.get("/tenants/chain/").headers["Content-Security-Policy"] == POLICY
    for client, address in ((console_client, "/account/password/"), (hq_client, "/clients/")):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "page", ["/tenants/chain/", "/console/openwork/", "/console/restoration/", "/life/erasure/", "/accounts/user/"]
)
def test_every_page_loads_in_both_languages(console_client: ChainClient, page: str, operator: User) -> None:
    for language in ("en", "zh-hans"):
        with outside_chains():
            User.objects.filter(pk=operator.pk).update(language=language)
        response = console_client.get(page)
        assert response.status_code == 200
        assert "http://" not in response.content.decode().replace("http://www.w3.org", "").replace(
            "http://testserver", ""
        )


def test_a_forgotten_password_is_mended_by_mail(chain: Chain, operator: User) -> None:
    at_console().post("/account/password/forgotten/", {"email": operator.email})
    (letter,) = mail.outbox
    assert HOST in str(letter.body)
