"""Sign-ups at the same moment, over real connections."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from django_tenants.utils import tenant_context
from pytest_django import DjangoDbBlocker, Settings

from core.accounts.models import User
from tenants.models import Chain
from tenants.provisioning import drop_chain
from tenants.signup.models import DirectoryEntry, SignUp
from tenants.signup.services import sign_up
from tests.plugins.at_once import at_once
from tests.plugins.chains import public
from tests.plugins.outages import Servers
from tests.plugins.serving import Visitor

AT_ONCE = 20


@pytest.fixture(autouse=True)
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is made commits, and is dropped afterwards."""
    cache.clear()
    with django_db_blocker.unblock():
        before = set(Chain.objects.values_list("pk", flat=True))
        yield
        with tenant_context(public()):
            for chain in Chain.objects.exclude(pk__in=before):
                drop_chain(chain)
        connections.close_all()


def signed_up_at_once(tokens: list[uuid.UUID], *addresses: str) -> list[str]:
    """What each is told: the chain's address, or the code of the refusal."""

    def form(token: uuid.UUID, address: str = "maple-salons") -> Callable[[], str]:
        return lambda: (
            sign_up(
                token=token,
                name="Maple",
                address=address,
                email="anna@maple.test",
                password="seven quiet herons",
                country="CA",
                language="en",
            ).url
        )

    return at_once(*map(form, tokens, *([addresses] if addresses else [])))


def test_a_form_sent_many_times_at_once_makes_one_chain_and_leads_everybody_there() -> None:
    told = signed_up_at_once([uuid.uuid4()] * AT_ONCE)
    assert told == ["http://maple-salons.localhost/"] * AT_ONCE
    chain = Chain.objects.get(schema_name="maple_salons")
    assert SignUp.objects.filter(chain=chain).count() == 1
    assert DirectoryEntry.objects.filter(chain=chain).count() == 1
    with tenant_context(chain):
        assert User.objects.count() == 1


def test_of_many_for_one_address_exactly_one_gets_it() -> None:
    told = signed_up_at_once([uuid.uuid4() for _ in range(AT_ONCE)])
    assert sorted(told) == ["address_taken"] * (AT_ONCE - 1) + ["http://maple-salons.localhost/"]
    assert Chain.objects.filter(schema_name="maple_salons").count() == 1


def test_many_at_once_all_get_theirs() -> None:
    wanted = [f"salon-number-{number}" for number in range(AT_ONCE)]
    told = signed_up_at_once([uuid.uuid4() for _ in wanted], *wanted)
    assert told == [f"http://{address}.localhost/" for address in wanted]
    for chain in Chain.objects.filter(schema_name__startswith="salon_number_"):
        with tenant_context(chain):
            assert User.objects.get().role == User.Role.OWNER


def test_of_many_from_one_network_no_more_get_a_chain_than_are_allowed(
    servers: Servers, served_port: int, settings: Settings
) -> None:
    """Over real connections, counted in a real cache."""
    settings.SIGN_UPS_AN_HOUR = 10
    visitors = [Visitor(served_port, "localhost") for _ in range(24)]
    for visitor in visitors:
        assert visitor.get("/sign-up/").status_code == 200

    def form(visitor: Visitor, number: int) -> Callable[[], int]:
        fields = {
            "token": str(uuid.uuid4()),
            "name": "Maple",
            "address": f"salon-number-{number}",
            "email": "anna@maple.test",
            "password": "seven quiet herons",
            "country": "CA",
        }

        def sign_up() -> int:
            while "Many pages and downloads" in (answer := visitor.post("/sign-up/", **fields)).text:
                time.sleep(0.1)
            return answer.status_code

        return sign_up

    told = at_once(*[form(visitor, number) for number, visitor in enumerate(visitors)])
    assert sorted(told) == [302] * 10 + [429] * 14
    assert Chain.objects.filter(schema_name__startswith="salon_number_").count() == 10
