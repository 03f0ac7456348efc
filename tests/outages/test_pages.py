"""Every page while cache and queue are dead or hang: the same answer as ever."""

import logging
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.stores.models import Store
from tenants.models import Chain
from tests.isolation.test_requests import acme_objects, address, patterns  # noqa: F401 - a fixture
from tests.plugins.chains import PASSWORD, ChainClient, outside_chains, signed_in
from tests.plugins.console import at_console, make_operator
from tests.plugins.outages import OUTAGES, Servers

# Leaving ends the session.
LEFT_OUT = {"sign-out/"}


def answers(client: ChainClient, objects: dict[str, Any]) -> dict[str, int]:
    """The status of every page of a chain, read to its end."""
    told = {}
    for path, _pattern in patterns():
        if path not in LEFT_OUT:
            response: Any = client.get(address(path, objects))
            told[path] = response.status_code
            if response.streaming:
                b"".join(response.streaming_content)
    return told


@pytest.mark.slow
def test_every_page_answers_as_ever(
    servers: Servers,
    salon: dict[str, Store],
    acme_objects: dict[str, Any],  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = signed_in(acme_objects["user"], host="acme.localhost")
    usual = answers(client, acme_objects)
    for outage in OUTAGES:
        caplog.clear()
        servers.fail("cache", outage)
        with caplog.at_level(logging.WARNING):
            assert answers(client, acme_objects) == usual, outage
            assert client.get("/").status_code == usual[""]
        servers.come_back(outage)
        # The pages after the first did not ask it, and so did not wait: but for one in each few seconds.
        assert len([line for line in caplog.messages if "cache does not answer" in line]) == 1, outage


@pytest.mark.parametrize("outage", OUTAGES)
def test_people_sign_in_and_too_many_wrong_passwords_are_refused_as_ever(
    servers: Servers, hq_user: User, outage: str
) -> None:
    servers.fail("cache", outage)
    browser = ChainClient(headers={"host": "acme.localhost"})
    wrong = [browser.post("/sign-in/", {"login": hq_user.email, "password": "wrong"}) for _ in range(10)]
    assert {response.status_code for response in wrong} == {200}
    known = {"login": hq_user.email, "password": PASSWORD}
    assert browser.post("/sign-in/", known).status_code == 200  # too many by now, even with the right one
    servers.come_back(outage)
    assert browser.post("/sign-in/", known).status_code == 302
    assert browser.get("/clients/").status_code == 200


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_console_and_the_public_pages_answer(
    servers: Servers, chain: Chain, no_second_factor: None, outage: str
) -> None:
    with outside_chains():
        operator = make_operator("ops@platform.test")
        console = at_console()
        console.force_login(operator)
    servers.fail("both", outage)
    for path in (
        "/",
        "/tenants/chain/",
        f"/tenants/chain/{chain.pk}/change/",
        "/console/openwork/",
        "/console/restoration/",
    ):
        assert console.get(path, follow=True).status_code == 200, path
    visitor = ChainClient(headers={"host": "localhost"})
    for path in ("/", "/sign-up/", "/sign-up/address/?address=maple", "/sign-in/", "/prices/"):
        assert visitor.get(path).status_code == 200, path
    with tenant_context(chain):
        assert ChainClient(headers={"host": "acme.localhost"}).get("/sign-in/").status_code == 200
    servers.come_back(outage)


@pytest.mark.parametrize("outage", OUTAGES)
def test_readiness_says_the_truth(servers: Servers, db: None, outage: str) -> None:
    client = ChainClient()
    assert client.get("/readyz").json() == {"database": "ok", "cache": "ok", "broker": "ok"}
    servers.fail("both", outage)
    for _ in range(2):
        response: Any = client.get("/readyz")
        assert (response.status_code, response.json()["cache"], response.json()["broker"]) == (503, "failed", "failed")
    servers.come_back(outage)
    assert client.get("/readyz").status_code == 200
