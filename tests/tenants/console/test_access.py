"""Who comes to the console: operators at its own host, and nobody else, anywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from core.accounts.models import User
from tenants.console.models import Job, OperatorAction
from tenants.console.site import POLICY
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains, signed_in
from tests.plugins.console import HOST, at_console, page_of

# Signing in and the own account are walked at a chain's host.
ACCOUNT = ("account/", "sign-in/", "sign-out/")


def patterns(resolver: URLResolver | None = None, path: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver(settings.CONSOLE_URLCONF)).url_patterns:
        whole = f"{path}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from patterns(entry, whole)
        else:
            yield whole, entry


def addresses(chain: Chain) -> list[str]:
    """Every route of the console but those of the own account, with acme's objects in it."""
    words = {
        "<int:chain_id>": chain.pk,
        "<slug:action>": "suspension",
        "<uuid:export_id>": "6b1d41e6-6f9c-4d57-b1a0-8a9a3f3a3a11",
        "<path:object_id>": chain.pk,
        "<int:job_id>": 1,
        "<str:month>": "2026-01",
        "<str:event_id>": "evt_1",
        "<path:content_type_id>": 1,
    }
    found = []
    for path, _pattern in patterns():
        # Anyone may choose the language.
        if path.startswith((*ACCOUNT, "language/", "^account")):
            continue
        if path.startswith("^") or "(?P" in path:
            continue
        for word, value in words.items():
            path = path.replace(word, str(value))  # noqa: PLW2901
        assert "<" not in path, f"Add an object for {path}."
        found.append(f"/{path}")
    return found


def what_is_there(chain: Chain) -> list[Any]:
    with outside_chains():
        return [
            Chain.objects.filter(pk=chain.pk).values().get(),
            list(OperatorAction.objects.exclude(what__startswith="Signed").values()),
            Job.objects.count(),
        ]


def test_the_walk_sees_the_whole_console(chain: Chain) -> None:
    assert len(addresses(chain)) >= 20


def test_nobody_else_comes_in(chain: Chain, operator: User, no_second_factor: None) -> None:
    """Anonymous, and with the session of an owner of a chain."""
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    key = owner.cookies[settings.SESSION_COOKIE_NAME].value
    before = what_is_there(chain)
    for address in addresses(chain):
        for method in ("get", "post"):
            for cookies in ({}, {settings.SESSION_COOKIE_NAME: key}):
                response = getattr(at_console(**cookies), method)(address)
                assert response.status_code in {302, 405}, (method, address)
                assert "next=" in response.headers.get("Location", "next="), (method, address)
    assert what_is_there(chain) == before


def test_another_user_of_public_comes_no_further(chain: Chain, no_second_factor: None) -> None:
    with outside_chains():
        client = signed_in(make_user("nobody@platform.test", role=User.Role.OWNER), host=HOST)
    before = what_is_there(chain)
    for address in addresses(chain):
        for method in ("get", "post"):
            response = getattr(client, method)(address)
            assert response.status_code in {302, 403, 405}, (method, address, response.status_code)
    assert what_is_there(chain) == before


@pytest.mark.parametrize("host", ["acme.localhost", "localhost", "127.0.0.1", "nobody.localhost"])
def test_no_other_host_has_it(chain: Chain, operator: User, no_second_factor: None, host: str) -> None:
    with outside_chains():
        client = ChainClient(headers={"host": host})
        client.force_login(operator)
    for address in addresses(chain):
        if address.startswith(("/tenants/", "/console/", "/accounts/", "/search/", "/jsi18n/")):
            response = client.get(address)
            # A page of a chain that is not there leads whoever has not signed in nowhere either.
            assert response.status_code == 404, (host, address)


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


@pytest.mark.parametrize("page", ["/tenants/chain/", "/console/job/", "/console/restoration/", "/accounts/user/"])
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
