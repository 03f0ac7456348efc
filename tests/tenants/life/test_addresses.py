"""Addresses: renamed, sending on for thirty days, and domains of the chain's own by a record in DNS."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import dns.message
import dns.rrset
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from tenants.life.addresses import (
    delete_expired_redirects,
    list_addresses,
    make_main_address,
    remove_address,
    rename_address,
)
from tenants.life.domains import PREFIX, claim_domain, fetch_txt_records, list_claims, verify_domain
from tenants.models import Chain, Domain
from tests.plugins.chains import ChainClient, make_user, outside_chains
from tests.plugins.numbers import take_next_number


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def hosts(chain: Chain) -> list[str]:
    return [domain.domain for domain in list_addresses(chain)]


def test_the_old_address_leads_to_the_same_page(chain: Chain, owner: User, anonymous_client: ChainClient) -> None:
    rename_address(chain, "Beau-Monde", acting_user=owner)
    assert hosts(chain) == ["beau-monde.localhost", "acme.localhost"]
    gone = anonymous_client.get("/stores/?page=2&q=a%20b", headers={"host": "acme.localhost:8000"})
    assert gone.status_code == 301
    assert gone.headers["Location"] == "http://beau-monde.localhost:8000/stores/?page=2&q=a%20b"
    assert anonymous_client.post("/sign-in/", headers={"host": "acme.localhost"}).status_code == 308
    assert anonymous_client.get("/sign-in/", headers={"host": "beau-monde.localhost"}).status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"address": "acme.localhost"}, {"address": "beau-monde.localhost"})


def test_after_thirty_days_it_leads_nowhere_and_is_free(
    chain: Chain, owner: User, anonymous_client: ChainClient
) -> None:
    rename_address(chain, "beau", acting_user=owner)
    with outside_chains():
        Domain.objects.filter(domain="acme.localhost").update(redirects_until=timezone.now() - timedelta(seconds=1))
        assert anonymous_client.get("/", headers={"host": "acme.localhost"}).status_code == 404
        assert delete_expired_redirects() == 1
        assert not Domain.objects.filter(domain="acme.localhost").exists()


def test_nobody_else_may_take_the_old_address_meanwhile(chain: Chain, owner: User, other_chain: Chain) -> None:
    rename_address(chain, "beau", acting_user=owner)
    with tenant_context(other_chain):
        thief = make_user("owner@other.test", role=User.Role.OWNER)
        with pytest.raises(AppError) as refused:
            rename_address(other_chain, "acme", acting_user=thief)
    assert refused.value.code == "address_taken"


def test_back_again(chain: Chain, owner: User) -> None:
    rename_address(chain, "beau", acting_user=owner)
    rename_address(chain, "acme", acting_user=owner)
    assert hosts(chain) == ["acme.localhost", "beau.localhost"]
    assert chain.main_domain.redirects_until is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("other", "address_taken"),
        ("0ther", "address_invalid"),
        ("oth3r", "address_alike"),
        ("www", "address_reserved"),
        ("adm1n", "address_alike"),
        ("revisit", "address_reserved"),
        ("revisit-support", "address_alike"),
        ("", "address_too_short"),
        ("ab", "address_too_short"),
        ("a.b", "address_invalid"),
        ("-a", "address_invalid"),
        ("x" * 31, "address_too_long"),
        ("é", "address_invalid"),
    ],
)
def test_names_that_cannot_be(chain: Chain, owner: User, other_chain: Chain, name: str, code: str) -> None:
    with pytest.raises(AppError) as refused:
        rename_address(chain, name, acting_user=owner)
    assert (refused.value.code, refused.value.field) == (code, "address")
    assert hosts(chain) == ["acme.localhost"]
    assert not AuditEntry.objects.exists()


def test_the_console_hosts_are_no_chains(chain: Chain, owner: User, settings: Settings) -> None:
    settings.CONSOLE_HOSTS = ["desk.localhost"]
    with pytest.raises(AppError) as refused:
        rename_address(chain, "desk", acting_user=owner)
    assert (refused.value.code, refused.value.field) == ("domain_taken", "address")


def test_a_chain_is_not_in_its_own_way(chain: Chain, owner: User) -> None:
    rename_address(chain, "ac-me", acting_user=owner)
    assert hosts(chain) == ["ac-me.localhost", "acme.localhost"]


def test_only_owners(chain: Chain, hq_user: User) -> None:
    for act in (
        lambda: rename_address(chain, "beau", acting_user=hq_user),
        lambda: claim_domain(chain, "salon.example.com", acting_user=hq_user),
        lambda: remove_address(chain, chain.main_domain.pk, acting_user=hq_user),
        lambda: make_main_address(chain, chain.main_domain.pk, acting_user=hq_user),
    ):
        with pytest.raises(AppError) as refused:
            act()
        assert refused.value.status == 403
    assert hosts(chain) == ["acme.localhost"]


def test_of_two_chains_for_one_name_one_gets_it(make_committed_chain: Callable[..., Chain]) -> None:
    chains = [make_committed_chain(), make_committed_chain()]
    together, outcomes = threading.Barrier(2), []

    def work(chain: Chain) -> None:
        from tenants.postgresql_backend.current import connection

        with tenant_context(chain):
            owner = make_user("owner@acme.test", role=User.Role.OWNER)
            together.wait()
            try:
                outcomes.append(rename_address(chain, "bothwant", acting_user=owner).domain)
            except AppError as error:
                outcomes.append(error.code)
        connection().close()

    threads = [threading.Thread(target=work, args=[chain]) for chain in chains]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[0] != outcomes[1]
    assert set(outcomes) <= {"bothwant.localhost", "domain_taken", "address_taken"}


# --- domains of the chain's own


@pytest.fixture
def records(settings: Settings) -> Iterator[dict[str, list[str]]]:
    """A DNS server of our own: names to texts; a name that is missing does not exist."""
    known: dict[str, list[str]] = {}
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    settings.DNS_SERVERS, settings.DNS_PORT = ["127.0.0.1"], server.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                wire, address = server.recvfrom(4096)
            except OSError:
                return
            server.sendto(_answer(dns.message.from_wire(wire), known), address)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield known
    server.close()


def _answer(query: Any, known: dict[str, list[str]]) -> bytes:
    name = query.question[0].name
    answer = dns.message.make_response(query)
    texts = known.get(name.to_text(omit_final_dot=True))
    if texts is None:
        answer.set_rcode(3)
    elif texts:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *(f'"{text}"' for text in texts)))
    return bytes(answer.to_wire())


def test_a_domain_is_the_chains_once_its_record_is_there(
    chain: Chain, owner: User, records: dict[str, list[str]], settings: Settings, anonymous_client: ChainClient
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    claim = claim_domain(chain, " Salon.Example.com. ", acting_user=owner)
    assert claim.domain == "salon.example.com"
    for texts in (None, [], ["v=spf1 -all"], [f"{PREFIX}guessed"]):
        if texts is not None:
            records["_revisit.salon.example.com"] = texts
        with pytest.raises(AppError) as refused:
            verify_domain(chain, claim.pk, acting_user=owner)
        assert refused.value.code == "record_differs"
    assert anonymous_client.get("/sign-in/", headers={"host": "salon.example.com"}).status_code == 404
    records["_revisit.salon.example.com"] = ["v=spf1 -all", f"{PREFIX}{claim.token}"]
    verify_domain(chain, claim.pk, acting_user=owner)
    assert hosts(chain) == ["acme.localhost", "salon.example.com"]
    assert list_claims(chain) == []
    assert anonymous_client.get("/sign-in/", headers={"host": "salon.example.com"}).status_code == 200
    make_main_address(chain, list_addresses(chain)[1].pk, acting_user=owner)
    assert hosts(chain) == ["salon.example.com", "acme.localhost"]
    assert anonymous_client.get("/sign-in/", headers={"host": "acme.localhost"}).status_code == 200


def test_renamed_behind_a_domain_of_its_own_the_old_address_goes_too(
    chain: Chain, owner: User, records: dict[str, list[str]], anonymous_client: ChainClient, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    claim = claim_domain(chain, "salon.example.com", acting_user=owner)
    records["_revisit.salon.example.com"] = [f"{PREFIX}{claim.token}"]
    make_main_address(chain, verify_domain(chain, claim.pk, acting_user=owner).pk, acting_user=owner)
    for name in ("beau", "monde"):
        rename_address(chain, name, acting_user=owner)
        make_main_address(
            chain, next(one.pk for one in list_addresses(chain) if one.domain.startswith("salon")), acting_user=owner
        )
    until = {one.domain: one.redirects_until for one in list_addresses(chain)}
    assert {host for host, day in until.items() if day is None} == {"salon.example.com", "monde.localhost"}
    assert set(until) == {"salon.example.com", "monde.localhost", "beau.localhost", "acme.localhost"}
    gone = anonymous_client.get("/stores/", headers={"host": "acme.localhost"})
    assert (gone.status_code, gone.headers["Location"]) == (301, "http://salon.example.com/stores/")
    with outside_chains():
        Domain.objects.exclude(redirects_until=None).update(redirects_until=timezone.now() - timedelta(seconds=1))
        assert delete_expired_redirects() == 2


def test_two_chains_may_claim_it_and_the_one_with_the_record_gets_it(
    chain: Chain, owner: User, other_chain: Chain, records: dict[str, list[str]]
) -> None:
    mine = claim_domain(chain, "salon.example.com", acting_user=owner)
    with tenant_context(other_chain):
        rival = make_user("owner@other.test", role=User.Role.OWNER)
        theirs = claim_domain(other_chain, "salon.example.com", acting_user=rival)
        assert theirs.token != mine.token
        records["_revisit.salon.example.com"] = [f"{PREFIX}{mine.token}"]
        for claim in (theirs, mine):
            with pytest.raises(AppError):
                verify_domain(other_chain, claim.pk, acting_user=rival)
    verify_domain(chain, mine.pk, acting_user=owner)
    with tenant_context(other_chain):
        records["_revisit.salon.example.com"].append(f"{PREFIX}{theirs.token}")
        with pytest.raises(AppError) as refused:
            verify_domain(other_chain, theirs.pk, acting_user=rival)
    assert refused.value.code == "domain_taken"


@pytest.mark.parametrize(
    "domain", ["localhost", "x.localhost", "salon", "10.0.0.1", "a b.com", "_x.example.com", "-", "", "é.com"]
)
def test_domains_that_cannot_be(chain: Chain, owner: User, domain: str) -> None:
    with pytest.raises(AppError) as refused:
        claim_domain(chain, domain, acting_user=owner)
    assert refused.value.field == "domain"
    assert list_claims(chain) == []


def test_asked_again_the_token_stays(chain: Chain, owner: User) -> None:
    first = claim_domain(chain, "salon.example.com", acting_user=owner)
    assert claim_domain(chain, "salon.example.com", acting_user=owner).token == first.token


def test_a_silent_dns_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    settings.DNS_SERVERS, settings.DNS_PORT = ["127.0.0.1"], silent.getsockname()[1]
    monkeypatch.setattr("tenants.life.domains.DNS_TIMEOUT", 0.2)
    with pytest.raises(AppError) as refused:
        fetch_txt_records("_revisit.example.com")
    assert refused.value.code == "dns_silent"
    silent.close()


def test_the_main_address_is_not_removed(chain: Chain, owner: User) -> None:
    with pytest.raises(AppError) as refused:
        remove_address(chain, chain.main_domain.pk, acting_user=owner)
    assert refused.value.code == "main_address"
    rename_address(chain, "beau", acting_user=owner)
    remove_address(chain, list_addresses(chain)[1].pk, acting_user=owner)
    assert hosts(chain) == ["beau.localhost"]


def test_a_number_that_is_taken_is_no_address_that_is_taken(chain: Chain, owner: User, other_chain: Chain) -> None:
    with outside_chains():
        take_next_number(Domain, domain="third.localhost", tenant=other_chain, is_primary=False)
    with pytest.raises(IntegrityError, match="tenants_domain_pkey"), transaction.atomic():
        rename_address(chain, "beau-monde", acting_user=owner)
    with pytest.raises(AppError) as refused:
        rename_address(chain, "third", acting_user=owner)
    assert refused.value.code in {"address_taken", "domain_taken"}


def test_a_number_that_is_taken_is_no_domain_that_is_taken(
    chain: Chain, owner: User, records: dict[str, list[str]], other_chain: Chain
) -> None:
    claim = claim_domain(chain, "salon.example.com", acting_user=owner)
    records["_revisit.salon.example.com"] = [f"{PREFIX}{claim.token}"]
    with outside_chains():
        take_next_number(Domain, domain="third.localhost", tenant=other_chain, is_primary=False)
    with pytest.raises(IntegrityError, match="tenants_domain_pkey"), transaction.atomic():
        verify_domain(chain, claim.pk, acting_user=owner)
    assert len(list_claims(chain)) == 1
