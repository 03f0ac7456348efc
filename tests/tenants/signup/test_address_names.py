"""Addresses: proposed from names, and refused where they are taken, reserved or made to deceive."""

import pytest
from pytest_django import Settings

from core.shared.errors import AppError
from tenants.models import Chain, Domain
from tenants.signup import address_names
from tests.plugins.chains import outside_chains


@pytest.fixture(autouse=True)
def outside(chain: Chain) -> object:
    """The chain `acme` is there, at acme.localhost."""
    with outside_chains():
        yield


@pytest.mark.parametrize(
    ("chain_name", "address"),
    [
        ("Maple & Birch", "maple-birch"),
        ("悦颜美容", "yueyanmeirong"),
        ("悦颜 Beauty", "yueyan-beauty"),
        ("Café Élan", "cafe-elan"),
        ("O’Brien's Salon", "obriens-salon"),
        ("Schön & Groß", "schon-gross"),
        ("21 Nails", "nails"),
        ("A", "a-salon"),
        ("美", "mei"),
        ("Acme", "acme-salon"),
        ("Admin", "admin-salon"),
        ("Ärzte", "arzte"),
        ("さくら", ""),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_an_address_is_proposed_from_the_name(chain_name: str, address: str) -> None:
    assert address_names.propose_name(chain_name) == address


def test_a_long_name_is_cut_between_words_and_stays_free() -> None:
    name = "The Very Long Name of a Salon Chain in Shanghai"
    first = address_names.propose_name(name)
    assert first == "the-very-long-name-of-a-salon"
    Domain(domain=f"{first}.localhost", tenant=Chain.objects.get(schema_name="acme"), is_primary=False).save()
    second = address_names.propose_name(name)
    assert second != first
    assert address_names.find_problem(second) is None


@pytest.mark.parametrize("name", ["maple", "maple-birch", "salon2", "a1b", "x" * 30, "the-admin-salon"])
def test_ordinary_addresses_are_free(name: str) -> None:
    assert address_names.clean_name(f" {name.upper()} ") == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "address_too_short"),
        ("ab", "address_too_short"),
        ("x" * 31, "address_too_long"),
        ("1salon", "address_invalid"),
        ("salon-", "address_invalid"),
        ("-salon", "address_invalid"),
        ("sa--lon", "address_invalid"),
        ("xn--80ak6aa92e", "address_invalid"),
        ("sa_lon", "address_invalid"),
        ("sa lon", "address_invalid"),
        ("sa.lon", "address_invalid"),
        ("salon\n", "address_invalid"),
        ("sаlon", "address_invalid"),  # a Cyrillic а
        ("悦颜颜", "address_invalid"),
        ("admin", "address_reserved"),
        ("www", "address_reserved"),
        ("public", "address_reserved"),
        ("information-schema", "address_reserved"),
        ("revisit", "address_reserved"),
        ("pg-catalog", "address_reserved"),
        ("adm1n", "address_alike"),
        ("adrnin", "address_alike"),
        ("ad-min", "address_alike"),
        ("l0gin", "address_alike"),
        ("vvvvvv", "address_alike"),
        ("rev1sit", "address_alike"),
        ("revisit-support", "address_alike"),
        ("my-rev1s1t", "address_alike"),
        ("acme", "address_taken"),
        ("acrne", "address_alike"),
        ("ac-me", "address_alike"),
        ("4cm3", "address_invalid"),
        ("a-cm3", "address_alike"),
    ],
)
def test_others_are_refused_with_the_mend(name: str, code: str) -> None:
    problem = address_names.find_problem(name)
    assert problem is not None
    assert (problem.code, problem.field) == (code, "address")


def test_a_second_address_of_a_chain_is_taken_too_but_not_one_elsewhere(chain: Chain, settings: Settings) -> None:
    Domain(domain="second.localhost", tenant=chain, is_primary=False).save()
    Domain(domain="third.example.com", tenant=chain, is_primary=False).save()
    assert address_names.find_problem("sec0nd") is not None
    assert address_names.find_problem("third") is None
    settings.PLATFORM_URL = "https://example.com"
    assert address_names.find_problem("third") is not None


def test_the_schema_of_a_chain_that_has_moved_away_is_taken(chain: Chain) -> None:
    Domain.objects.filter(tenant=chain).update(domain="acme.example.com")
    problem = address_names.find_problem("acme")
    assert problem is not None
    assert problem.status == 409


@pytest.mark.parametrize("name", ["悦颜", "a_", "-a"])
def test_a_short_address_of_other_letters_is_told_which_letters_to_use(chain: Chain, name: str) -> None:
    with pytest.raises(AppError, match="letters a to z"):
        address_names.clean_name(name)
