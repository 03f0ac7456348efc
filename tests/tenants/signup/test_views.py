"""The pages of sign-up and of the finder, as a browser meets them."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from tenants.models import Chain
from tenants.signup import tasks
from tests.plugins.chains import ChainClient, make_user, outside_chains
from tests.plugins.outages import OUTAGES, Servers
from tests.plugins.salons import text_of

PASSWORD = "seven quiet herons"
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def outside(chain: Chain) -> Iterator[None]:
    cache.clear()
    with outside_chains():
        yield


@pytest.fixture
def visitor() -> ChainClient:
    return ChainClient(headers={"host": "localhost", "accept-language": "en-CA,en;q=0.8"})


def form(**changes: str) -> dict[str, str]:
    filled = {
        "token": str(uuid.uuid4()),
        "name": "Maple & Birch",
        "address": "maple",
        "country": "CA",
        "email": "anna@maple.test",
        "password": PASSWORD,
    }
    return {**filled, **changes}


def test_the_form_is_there_with_the_country_the_browser_tells_of(visitor: ChainClient) -> None:
    response = visitor.get("/sign-up/")
    assert response.status_code == 200
    assert response.context["form"]["country"].value() == "CA"
    assert "form-action 'self' http://*.localhost;" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [("en", "Australia", "United States"), ("zh-CN", "阿联酋", "中国香港")],
)
def test_countries_stand_in_the_order_of_the_alphabet_chinese_by_their_pinyin(
    visitor: ChainClient, language: str, first: str, last: str
) -> None:
    form = visitor.get("/sign-up/", headers={"accept-language": language}).context["form"]
    names = [str(name) for _, name in form.fields["country"].choices]
    assert (names[0], names[-1]) == (first, last)


def test_signing_up_leads_into_the_own_chain_signed_in(visitor: ChainClient) -> None:
    response = visitor.post("/sign-up/", form())
    sign_in_url = response.headers["Location"]
    assert sign_in_url.startswith("http://maple.localhost/welcome/?ticket=")
    owner = ChainClient(headers={"host": "maple.localhost"})
    assert owner.get(sign_in_url.removeprefix("http://maple.localhost")).headers["Location"] == "/"
    page = owner.get("/repurchase/")
    assert page.status_code == 200
    assert "Confirm your e-mail address" in text_of(page)
    assert "anna@maple.test" in text_of(page)


def test_a_ticket_is_good_once_and_in_its_own_chain_only(visitor: ChainClient) -> None:
    path = visitor.post("/sign-up/", form()).headers["Location"].removeprefix("http://maple.localhost")
    stranger = ChainClient(headers={"host": "other.localhost"})
    assert stranger.get(path).headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in stranger.session
    assert ChainClient(headers={"host": "maple.localhost"}).get(path).headers["Location"] == "/"
    second = ChainClient(headers={"host": "maple.localhost"})
    assert second.get(path).headers["Location"] == "/sign-in/"
    assert second.get("/welcome/?ticket=nonsense").headers["Location"] == "/sign-in/"
    assert second.post(path).status_code == 405


def test_a_ticket_of_someone_deactivated_opens_nothing(visitor: ChainClient) -> None:
    path = visitor.post("/sign-up/", form()).headers["Location"].removeprefix("http://maple.localhost")
    with tenant_context(Chain.objects.get(schema_name="maple")):
        User.objects.update(is_active=False)
    assert ChainClient(headers={"host": "maple.localhost"}).get(path).headers["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"address": "adm1n"}, "address"),
        ({"address": "x" * 31}, "address"),
        ({"email": "anna"}, "email"),
        ({"email": f"{'a' * 250}@b.test"}, "email"),
        ({"password": "password123"}, "password"),
        ({"country": "XX"}, "country"),
        ({"token": "x"}, "token"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    visitor: ChainClient, changes: dict[str, str], field: str
) -> None:
    response = visitor.post("/sign-up/", form(**changes))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert PASSWORD not in response.content.decode()
    if field != "name":
        assert "Maple &amp; Birch" in response.content.decode()
    assert not Chain.objects.filter(schema_name="maple").exists()


def test_a_taken_address_is_a_conflict(visitor: ChainClient) -> None:
    assert visitor.post("/sign-up/", form(address="acme")).status_code == 409


def test_the_form_has_to_come_from_our_own_page() -> None:
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert browser.post("/sign-up/", form()).status_code == 403
    assert browser.post("/sign-in/", {"email": "a@b.test"}).status_code == 403
    assert not Chain.objects.filter(schema_name="maple").exists()


def test_too_many_sign_ups_from_one_network_are_braked(visitor: ChainClient, settings: Settings) -> None:
    settings.SIGN_UPS_AN_HOUR = 1
    for _ in range(3):  # a refused form does not count
        assert visitor.post("/sign-up/", form(password="password123")).status_code == 400
    assert visitor.post("/sign-up/", form(address="first-one")).status_code == 302
    refused = visitor.post("/sign-up/", form(address="second-one"))
    assert refused.status_code == 429
    assert "Wait an hour" in text_of(refused)
    assert not Chain.objects.filter(schema_name="second_one").exists()
    neighbour = ChainClient(headers={"host": "localhost"}, REMOTE_ADDR="203.0.113.9")
    assert neighbour.post("/sign-up/", form(address="third-one")).status_code == 302


@pytest.mark.parametrize(
    "host",
    ["localhost:8080", "127.0.0.1", "LOCALHOST", "localhost.", "localhost:99999999", "evil.test", "maple.localhost"],
)
def test_the_host_a_request_names_never_gets_into_an_address(host: str) -> None:
    response = Client(headers={"host": host, "x-forwarded-host": "evil.test"}).post("/sign-up/", form())
    if response.status_code == 302:
        assert response.headers["Location"].startswith("http://maple.localhost/welcome/")
        (letter,) = mail.outbox
        assert "evil" not in letter.body
        assert "http://maple.localhost/confirm-email/" in letter.body
    else:
        assert response.status_code in {400, 404}
        assert not Chain.objects.filter(schema_name="maple").exists()


def test_there_is_no_sign_up_on_a_chains_host(anonymous_client: ChainClient) -> None:
    assert anonymous_client.post("/sign-up/", form()).status_code in {302, 404}
    assert not Chain.objects.filter(schema_name="maple").exists()


def asks(visitor: ChainClient, trigger: str, **query: str) -> str:
    response = visitor.get("/sign-up/address/", query, headers={**HTMX, "hx-trigger-name": trigger})
    assert response.status_code == 200
    return str(response.content.decode())


def test_while_the_name_is_typed_an_address_is_proposed(visitor: ChainClient) -> None:
    answer = asks(visitor, "name", name="悦颜美容", address="", proposed="")
    assert 'value="yueyanmeirong"' in answer
    assert "yueyanmeirong.localhost is free." in answer
    again = asks(visitor, "name", name="悦颜美容院", address="yueyanmeirong", proposed="yueyanmeirong")
    assert 'value="yueyanmeirongyuan"' in again


def test_an_address_that_someone_has_typed_is_not_replaced(visitor: ChainClient) -> None:
    answer = asks(visitor, "name", name="Maple & Birch", address="my-own", proposed="maple")
    assert 'value="my-own"' in answer
    assert "my-own.localhost is free." in answer


@pytest.mark.parametrize(("typed", "said"), [("acme", "taken"), ("adm1n", "mistaken"), ("ab", "3 characters")])
def test_while_the_address_is_typed_its_state_shows(visitor: ChainClient, typed: str, said: str) -> None:
    answer = asks(visitor, "address", address=typed)
    assert said in answer
    assert "<input" not in answer


def test_what_is_typed_comes_back_escaped(visitor: ChainClient) -> None:
    assert "<script>" not in asks(visitor, "name", name="x", address="<script>", proposed="")
    assert "<script>" not in asks(visitor, "address", address="<script>")


def test_the_finder_sends_the_addresses_to_the_address_itself(visitor: ChainClient, chain: Chain) -> None:
    with tenant_context(chain):
        make_user("anna@acme.test", role=User.Role.HQ)
    visitor.post("/sign-in/", {"email": " Anna@Acme.test"})
    (letter,) = mail.outbox
    assert letter.to == ["anna@acme.test"]
    assert "Acme Beauty:\nhttp://acme.localhost/sign-in/" in letter.body


def test_the_answer_is_the_same_for_known_and_unknown(visitor: ChainClient, chain: Chain) -> None:
    with tenant_context(chain):
        make_user("known@acme.test", role=User.Role.HQ)
    answers = []
    for email in ("known@acme.test", "guess@acme.test"):
        with (
            patch.object(tasks.email_sign_in_links, "apply_async") as sent,
            patch("tenants.signup.email_directory.find_chains") as look,
        ):
            response: Any = visitor.post("/sign-in/", {"email": email})
        # The answer waits for nothing that depends on who asks.
        assert (sent.call_count, look.call_count) == (1, 0)
        assert response.status_code == 200
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
        answers.append(body.replace(email, "…"))
    assert answers[0] == answers[1]
    visitor.post("/sign-in/", {"email": "guess@acme.test"})
    assert mail.outbox == []


def test_nobody_is_flooded_by_the_finder(visitor: ChainClient, chain: Chain) -> None:
    with tenant_context(chain):
        make_user("anna@acme.test", role=User.Role.HQ)
    for _ in range(5):
        assert visitor.post("/sign-in/", {"email": "anna@acme.test"}).status_code == 200
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_a_queue_the_finder_says_so_to_everybody(visitor: ChainClient, servers: Servers, outage: str) -> None:
    servers.fail("queue", outage)
    assert visitor.post("/sign-in/", {"email": "a@b.test"}).status_code == 503
    servers.come_back(outage)
    assert visitor.post("/sign-in/", {"email": "a@b.test"}).status_code == 200
    assert servers.sent() == 1


def test_a_bad_e_mail_is_refused(visitor: ChainClient) -> None:
    assert visitor.post("/sign-in/", {"email": "nonsense"}).status_code == 400
