"""Going into a chain from the console: for a reason, as one of its users, by its address under the platform's host."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from core.accounts.models import User
from core.audit.models import AuditEntry
from tenants.console.models import OperatorAction
from tenants.models import Chain, Domain
from tests.plugins.chains import ChainClient, make_user, outside_chains
from tests.plugins.console import page_of

REASON = "Request 4711: the import stops"


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def asked(console_client: ChainClient, chain: Chain, user_id: int, reason: str = REASON) -> tuple[int, str]:
    """The status and where the link of the answer leads."""
    response = console_client.post(page_of(chain, "visit"), {"user": user_id, "reason": reason})
    found = re.search(r'href="([^"]*/operator/enter/[^"]*)"', response.content.decode())
    return response.status_code, found[1] if found else ""


def test_the_link_leads_in(console_client: ChainClient, chain: Chain, owner: User) -> None:
    status, link = asked(console_client, chain, owner.pk)
    assert status == 200
    assert link.startswith("http://acme.localhost")
    client = ChainClient(headers={"host": "acme.localhost"})
    assert client.get(urlsplit(link).path, query_params=dict(parse_qsl(urlsplit(link).query))).status_code == 302
    assert AuditEntry.objects.get().after["reason"] == REASON
    with outside_chains():
        assert f"Went in as user {owner.pk}: {REASON}" in OperatorAction.objects.values_list("what", flat=True)


def test_a_domain_of_the_chains_own_gets_no_ticket(console_client: ChainClient, chain: Chain, owner: User) -> None:
    """What stands behind it is whatever its holder of today puts there."""
    with outside_chains():
        Domain.objects.filter(tenant=chain).update(is_primary=False)
        Domain.objects.create(tenant=chain, domain="salon.example.com", is_primary=True)
    _status, link = asked(console_client, chain, owner.pk)
    assert link.startswith("http://acme.localhost")


@pytest.mark.parametrize("reason", ["", "help", "          x         "])
def test_without_a_reason_nobody_goes_in(console_client: ChainClient, chain: Chain, owner: User, reason: str) -> None:
    assert asked(console_client, chain, owner.pk, reason) == (400, "")
    assert not AuditEntry.objects.exists()


def test_nobody_goes_in_as_someone_who_is_not_there(
    console_client: ChainClient, chain: Chain, owner: User, other_chain: Chain
) -> None:
    assert asked(console_client, chain, 990_001) == (400, "")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert asked(console_client, chain, owner.pk) == (400, "")


def test_others_get_no_link(chain: Chain, owner: User) -> None:
    for client in (Client(headers={"host": "console.localhost"}), Client(headers={"host": "acme.localhost"})):
        response = client.post(page_of(chain, "visit"), {"user": owner.pk, "reason": REASON})
        assert response.status_code in {302, 404}
        assert "ticket" not in response.content.decode() + response.headers.get("Location", "")
