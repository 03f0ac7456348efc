"""Links in mails lead to the chain's main address, whatever host and port the request came to."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core import mail
from django.test import RequestFactory
from django_tenants.utils import tenant_context

from billing.views.subscription import _absolute_url
from core.accounts.models import User
from core.accounts.rights import Role
from tenants.models import Chain, Domain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains
from tests.plugins.console import make_operator

MAIN = "http://acme.localhost"
NEW = "a walk along the river"
# Of the same server: another port, a second and a former address, and headers that only a proxy should set.
SOURCES: dict[str, dict[str, str]] = {
    "port": {"host": "acme.localhost:9999"},
    "second address": {"host": "salon.example.localhost"},
    "forwarded": {
        "host": "acme.localhost",
        "x-forwarded-host": "evil.test",
        "x-forwarded-proto": "https",
        "x-forwarded-port": "1",
        "forwarded": "host=evil.test",
    },
}


@pytest.fixture(params=SOURCES)
def client(request: pytest.FixtureRequest, chain: Chain) -> ChainClient:
    with outside_chains():
        Domain.objects.create(tenant=chain, domain="salon.example.localhost", is_primary=False)
    return ChainClient(headers=SOURCES[request.param])


@pytest.fixture
def owner(chain: Chain) -> User:
    user = make_user("owner@acme.test", role=Role.OWNER)
    User.objects.filter(pk=user.pk).update(email_confirmed_at=None)
    return user


def sign_in(client: ChainClient) -> None:
    assert client.post("/sign-in/", {"login": "owner@acme.test", "password": PASSWORD}).status_code == 302
    assert client.post("/account/confirm-password/", {"password": PASSWORD}).status_code == 302


def text_of_mails() -> str:
    bodies = [str(letter.body) for letter in mail.outbox]
    parts = [str(part.content) for letter in mail.outbox for part in getattr(letter, "alternatives", [])]
    return "\n".join([*bodies, *parts])


def invite(client: ChainClient) -> None:
    sign_in(client)
    client.post("/team/invite/", {"email": "new@acme.test", "name": "Na", "role": "hq"})
    invited = User.objects.get(email="new@acme.test")
    client.post(f"/team/{invited.pk}/invitation/send/")


def reset_password(client: ChainClient) -> None:
    client.post("/account/password/forgotten/", {"email": "owner@acme.test"})
    link = re.search(r"(/account/password/new/\S+)", text_of_mails())
    assert link
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})


def change_email(client: ChainClient) -> None:
    sign_in(client)
    client.post("/account/email/", {"email": "new@acme.test", "action_add": ""})
    link = re.search(r"(/account/email/confirm/\S+)", text_of_mails())
    assert link
    client.post(link[1])


def change_email_to_a_colleagues(client: ChainClient) -> None:
    make_user("colleague@acme.test", role=Role.HQ)
    sign_in(client)
    client.post("/account/email/", {"email": "colleague@acme.test", "action_add": ""})


def change_password(client: ChainClient) -> None:
    sign_in(client)
    client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})


def confirm_email(client: ChainClient) -> None:
    sign_in(client)
    client.post("/confirm-email/again/")


def take_off_second_factor(client: ChainClient) -> None:
    colleague = make_user("colleague@acme.test", role=Role.HQ)
    TOTP.activate(colleague, "JBSWY3DPEHPK3PXP")
    sign_in(client)
    client.post(f"/team/{colleague.pk}/second-factor/take-off/")


def turn_second_factor_off(client: ChainClient) -> None:
    sign_in(client)
    TOTP.activate(User.objects.get(email="owner@acme.test"), "JBSWY3DPEHPK3PXP")
    client.post("/account/two-step/totp/deactivate/")


def ask_erasure(client: ChainClient) -> None:
    sign_in(client)
    client.post("/settings/erasure/", {"name": "Acme Beauty"})


FLOWS: list[Callable[[ChainClient], None]] = [
    invite,
    reset_password,
    change_email,
    change_email_to_a_colleagues,
    change_password,
    confirm_email,
    take_off_second_factor,
    turn_second_factor_off,
    ask_erasure,
]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_mails_name_the_main_address_alone(
    client: ChainClient, owner: User, flow: Callable[[ChainClient], None]
) -> None:
    flow(client)
    assert mail.outbox
    text = text_of_mails()
    assert set(re.findall(r"https?://[^/\s\"<]*", text)) <= {MAIN}
    for other in ("9999", "example.localhost", "evil.test"):
        assert other not in text


@pytest.mark.parametrize("flow", [invite, reset_password, change_email, confirm_email], ids=lambda flow: flow.__name__)
def test_they_have_a_link(client: ChainClient, owner: User, flow: Callable[[ChainClient], None]) -> None:
    flow(client)
    assert f"{MAIN}/" in text_of_mails()


def test_once_the_main_address_changes_links_follow(chain: Chain, owner: User) -> None:
    with outside_chains():
        Domain.objects.filter(tenant=chain).update(is_primary=False)
        Domain.objects.create(tenant=chain, domain="salon.example.localhost", is_primary=True)
    with tenant_context(chain):
        ChainClient(headers={"host": "acme.localhost"}).post(
            "/account/password/forgotten/", {"email": "owner@acme.test"}
        )
    assert "http://salon.example.localhost/account/password/new/" in text_of_mails()
    assert "acme.localhost" not in text_of_mails()


@pytest.mark.parametrize("headers", [{"host": "console.localhost:9999"}, {"x-forwarded-host": "evil.test"}])
def test_an_operators_links_lead_to_the_console(chain: Chain, headers: dict[str, Any]) -> None:
    with outside_chains():
        make_operator("ops@platform.test")
    client = ChainClient(headers={"host": "console.localhost", **headers})
    client.post("/account/password/forgotten/", {"email": "ops@platform.test"})
    assert "http://console.localhost/account/password/new/" in text_of_mails()
    assert "9999" not in text_of_mails()
    assert "evil" not in text_of_mails()


def test_no_other_code_makes_addresses_of_what_a_request_says() -> None:
    """A new mail begins its links with `ChainInfo.url` or `own_url`; the adapter takes allauth's apart."""
    rooms = [Path(room) for room in ("api", "billing", "core", "tenants")]
    found = {
        str(path)
        for room in rooms
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if re.search(r"build_absolute_uri|get_current_site|HTTP_HOST|_get_scheme_host", path.read_text())
    }
    assert found == {str(settings.BASE_DIR / "core" / "accounts" / "adapter.py")}


def test_stripe_leads_back_to_the_host_without_the_requests_port(chain: Chain, rf: RequestFactory) -> None:
    request = rf.get("/billing/subscribe/", headers={"host": "acme.localhost:9999"})
    assert _absolute_url(request, "billing:paid").startswith(f"{MAIN}/billing/")


def test_the_port_of_a_request_gives_no_further_attempts_at_a_password(owner: User) -> None:
    for port in range(9000, 9010):
        client = ChainClient(headers={"host": f"acme.localhost:{port}"})
        client.post("/sign-in/", {"login": owner.email, "password": "wrong"})
    last = ChainClient(headers={"host": "acme.localhost:9999"})
    last.post("/sign-in/", {"login": owner.email, "password": PASSWORD})
    assert "_auth_user_id" not in last.session
