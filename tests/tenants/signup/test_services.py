"""Signing up as a service: what it makes, what it refuses, and that a refusal leaves nothing behind."""

import uuid
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.accounts.tickets import redeem_ticket
from core.audit.models import AuditEntry
from core.mail.models import OutgoingMail
from core.shared.errors import AppError
from core.shared.origin import Origin, use_origin
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection
from tenants.signup.models import DirectoryEntry, SignUp
from tenants.signup.services import SignedUp, sign_up
from tests.plugins.chains import outside_chains
from tests.plugins.numbers import take_next_number

PASSWORD = "seven quiet herons"


@pytest.fixture(autouse=True)
def outside(chain: Chain, settings: Settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "core.mail.backend.OutboxBackend"
    cache.clear()
    with outside_chains():
        yield


def asked(**changes: Any) -> SignedUp:
    form: dict[str, Any] = {
        "token": uuid.uuid4(),
        "name": "Maple & Birch",
        "address": "maple",
        "email": " Anna@Maple.test ",
        "password": PASSWORD,
        "country": "CA",
        "language": "en",
    }
    return sign_up(**{**form, **changes})


def test_the_chain_is_there_with_its_owner_and_a_way_in() -> None:
    made = asked()
    chain = Chain.objects.get(schema_name="maple")
    assert (chain.name, chain.country, chain.currency, chain.time_zone, chain.language) == (
        "Maple & Birch", "CA", "CAD", "America/Toronto", "en",
    )  # fmt: skip
    assert made.sign_in_url == f"http://maple.localhost/welcome/?ticket={made.ticket}"
    assert redeem_ticket(made.ticket) is None  # outside the chain it opens nothing
    with tenant_context(chain):
        owner = redeem_ticket(made.ticket)
        assert owner == User.objects.get()
        assert owner is not None
        assert (owner.email, owner.role, owner.language, owner.email_confirmed_at) == (
            "anna@maple.test", "owner", "en", None,
        )  # fmt: skip
        assert owner.check_password(PASSWORD)
        assert redeem_ticket(made.ticket) is None


def test_the_chains_trail_begins_with_it() -> None:
    with use_origin(Origin(ip="198.51.100.7", device="Firefox 128, Windows")):
        asked()
    with tenant_context(Chain.objects.get(schema_name="maple")):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.ip) == ("chain.signed_up", "anna@maple.test", "198.51.100.7")
    assert (entry.subject_type, entry.subject_id, entry.before) == ("chain", "maple", None)
    told = {"address": "maple.localhost", "email": "anna@maple.test", "country": "CA"}
    assert entry.after == told


def test_a_mail_to_confirm_waits_in_the_chain() -> None:
    asked()
    with tenant_context(Chain.objects.get(schema_name="maple")):
        letter = OutgoingMail.objects.get()
    assert letter.to == ["anna@maple.test"]
    assert "http://maple.localhost/confirm-email/?token=" in letter.text
    assert letter.text.count("/confirm-email/") == 2
    assert mail.outbox == []


def test_the_address_is_proposed_where_none_is_given() -> None:
    assert asked(address="", name="悦颜").url == "http://yueyan.localhost/"
    assert asked(address="", name="悦颜").url == "http://yueyan-salon.localhost/"


@pytest.mark.parametrize(
    ("country", "currency", "language"), [("CN", "CNY", "zh-hans"), ("DE", "EUR", "en"), ("SG", "SGD", "en")]
)
def test_the_country_gives_currency_and_language(country: str, currency: str, language: str) -> None:
    asked(country=country)
    chain = Chain.objects.get(schema_name="maple")
    assert (chain.currency, chain.language) == (currency, language)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": " "}, "name", "name_invalid"),
        ({"name": "x" * 151}, "name", "name_invalid"),
        ({"name": "bell\x07"}, "name", "name_invalid"),
        ({"address": "acme"}, "address", "address_taken"),
        ({"address": "adm1n"}, "address", "address_alike"),
        ({"address": "", "name": "さくら"}, "address", "address_too_short"),
        ({"email": "anna"}, "email", "email_invalid"),
        ({"email": f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.test"}, "email", "email_invalid"),
        ({"password": "short"}, "password", "password_weak"),
        ({"password": "password123"}, "password", "password_weak"),
        ({"password": "1q2w3e4r5t"}, "password", "password_weak"),
        ({"password": "anna@maple.test"}, "password", "password_weak"),
        ({"country": "XX"}, "country", "country_unknown"),
        ({"country": "cn; DROP"}, "country", "country_unknown"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_left(changes: dict[str, Any], field: str, code: str) -> None:
    before = (Chain.objects.count(), Domain.objects.count(), schemas())
    with pytest.raises(AppError) as refused:
        asked(**changes)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert (Chain.objects.count(), Domain.objects.count(), schemas()) == before
    assert not SignUp.objects.exists()


def test_a_failure_half_way_leaves_nothing_behind() -> None:
    before = schemas()
    with (
        patch("core.accounts.confirmation.send_confirmation", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        asked()
    assert schemas() == before
    assert not Chain.objects.filter(schema_name="maple").exists()
    assert not DirectoryEntry.objects.filter(chain__schema_name="maple").exists()
    assert connection().schema_name == "public"


def test_sent_twice_the_form_makes_one_chain() -> None:
    token = uuid.uuid4()
    first, second = asked(token=token), asked(token=token)
    assert first.url == second.url
    assert first.ticket != second.ticket
    assert Chain.objects.filter(name="Maple & Birch").count() == 1
    with tenant_context(Chain.objects.get(schema_name="maple")):
        assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("changes", [{"password": "another long one"}, {"email": "eve@maple.test"}])
def test_a_used_form_lets_in_nobody_else(changes: dict[str, str]) -> None:
    token = uuid.uuid4()
    asked(token=token)
    with pytest.raises(AppError) as refused:
        asked(token=token, **changes)
    assert refused.value.code == "form_used"


def schemas() -> set[str]:
    """And the roles of this database's chains: those of others on the server come and go."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace UNION ALL "
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, current_database() || '__')"
        )
        return {name for (name,) in cursor.fetchall()}


def test_a_number_that_is_taken_is_told_as_nothing_else(chain: Chain) -> None:
    take_next_number(Domain, domain="third.localhost", tenant=chain, is_primary=False)
    with pytest.raises(IntegrityError, match="tenants_domain_pkey"), transaction.atomic():
        asked()
    assert not Chain.objects.filter(schema_name="maple").exists()
    assert asked().schema == "maple"
