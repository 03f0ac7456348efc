"""Which client numbers are one: any writing of a phone, and texts that differ in width, case or spaces."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.keys import LONGEST, client_key
from core.shared.countries import COUNTRIES

FULL_WIDTH = str.maketrans("0123456789+- ", "０１２３４５６７８９＋－　")


@st.composite
def writings(draw: st.DrawFn) -> tuple[str, str]:
    """A Chinese mobile, and some way to write it."""
    phone = draw(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
    gap = draw(st.sampled_from(["", " ", "-", "  ", "\N{NO-BREAK SPACE}", "."]))
    written = gap.join((phone[:3], phone[3:7], phone[7:]))
    code = draw(st.sampled_from(["", "+86", "'+86", "+86 ", "86", "86-", "0086", "(+86) ", "（86）"]))
    written = f"{code}{written}"
    written = written.translate(FULL_WIDTH) if draw(st.booleans()) else written
    return phone, draw(st.sampled_from(["{}", " {} ", "\u202a{}\u202c", "\t{}"])).format(written)


@given(writings())
def test_any_writing_of_a_phone_is_one_client(written: tuple[str, str]) -> None:
    phone, text = written
    assert client_key(text, "CN") == phone


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_phones_of_the_chains_country_need_no_code(country: str) -> None:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    written = {phonenumbers.format_number(number, way) for way in (0, 1, 2)}
    written |= {text.replace(" ", "") for text in written} | {text.replace(" ", "-") for text in written}
    assert len({client_key(text, country) for text in written}) == 1


def test_a_phone_of_another_country_is_another() -> None:
    assert client_key("+44 7700 900123", "CN") != client_key("7700 900123", "CN")
    assert client_key("+1 (415) 555-2671", "CN") == client_key("0014155552671", "CN") == "+14155552671"


@pytest.mark.parametrize(
    "texts",
    [
        ["Anna Lee", "anna lee", "Anna  Lee", "Anna\N{NO-BREAK SPACE}Lee", " ANNA LEE", "Ａnna Lee"],
        ["Zoë May", "Zoe\N{COMBINING DIAERESIS} May"],
        ["C001", "c001", "Ｃ００１"],
        ["王 女士", "王\N{IDEOGRAPHIC SPACE}女士"],
        ["123", "123.0"],
        ["Straße", "STRASSE"],
    ],
)
def test_width_case_and_spaces_make_no_difference(texts: list[str]) -> None:
    assert len({client_key(text, "CN") for text in texts}) == 1


@pytest.mark.parametrize(
    "others", [("000123", "123"), ("C-1", "C1"), ("Lee Anna", "Anna Lee"), ("1.38E+10", "13800000000")]
)
def test_what_may_be_two_clients_stays_two(others: tuple[str, str]) -> None:
    assert client_key(others[0], "CN") != client_key(others[1], "CN")


@given(st.text(max_size=LONGEST), st.sampled_from(sorted(COUNTRIES)))
def test_a_key_is_its_own_key(text: str, country: str) -> None:
    key = client_key(text, country)
    assert len(key) <= LONGEST
    assert client_key(key, country) == key
