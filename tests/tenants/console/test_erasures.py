"""The record of erasures: to be read by operators, found by a name that is known, and changed by nobody."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.accounts.models import User
from tenants.life.erasure import name_hash, name_hashes
from tenants.life.models import Erasure
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.console import at_console

PAGE = "/life/erasure/"


@pytest.fixture
def erasure(chain: Chain) -> Erasure:
    """As `erase_chain` leaves it."""
    with outside_chains():
        return Erasure.objects.create(
            name_hash=name_hash("gone_salon"),
            asked_at=datetime(2026, 10, 1, tzinfo=UTC),
            asked_by="owner",
            finished_at=timezone.now(),
            in_backups_until=datetime(2026, 12, 24, tzinfo=UTC).date(),
            tables=41,
        )


def test_it_is_read_and_found_by_the_whole_name(console_client: ChainClient, erasure: Erasure) -> None:
    said = console_client.get(PAGE).content.decode()
    for word in (erasure.name_hash[:12], "Owner", ">41<", "done", "Oct", "Dec"):
        assert word in said, word
    for term, found in (("gone-salon", True), ("GONE_SALON", True), ("gone", False), (erasure.name_hash, False)):
        answer = console_client.get(PAGE, {"q": term}).content.decode()
        assert (erasure.name_hash[:12] in answer.replace(f'value="{term}"', "")) is found, term


def test_it_is_changed_by_nobody(console_client: ChainClient, erasure: Erasure) -> None:
    for address, status in {"add": 403, f"{erasure.pk}/delete": 403, f"{erasure.pk}/change": 404}.items():
        assert console_client.post(f"{PAGE}{address}/").status_code == status
    assert console_client.post(PAGE, {"action": "delete_selected", "_selected_action": erasure.pk}).status_code < 500
    with outside_chains():
        assert Erasure.objects.get() == erasure


def test_others_do_not_read_it(chain: Chain, erasure: Erasure, no_second_factor: None) -> None:
    assert at_console().get(PAGE).status_code == 302
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    assert owner.get(PAGE).status_code == 404


def test_a_name_is_found_after_the_key_was_changed(chain: Chain, erasure: Erasure, settings: Settings) -> None:
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with outside_chains():
        assert not Erasure.objects.filter(name_hash__in=name_hashes("gone_salon")).exists()
        settings.SECRET_KEY_FALLBACKS = [before]
        assert Erasure.objects.get(name_hash__in=name_hashes("gone_salon")) == erasure
