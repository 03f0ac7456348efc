"""Each word of the dictionary of words means what it stands under."""

import pytest

from core.appointments.models import Appointment
from core.imports.services.words import (
    dictionary,
    folded,
    meaning_of_appointment,
    meaning_of_item,
    meaning_of_payment,
    meaning_of_status,
)

STATUS = [(word, meaning) for meaning, words in dictionary()["status"].items() for word in words]
APPOINTMENT = [(word, meaning) for meaning, words in dictionary()["appointment"].items() for word in words]
PAYMENT = [(word, meaning) for meaning, words in dictionary()["payment"].items() for word in words]
ITEMS = [
    (word, group) for group, places in dictionary()["items"].items() for words in places.values() for word in words
]


def test_each_status() -> None:
    for word, meaning in STATUS:
        assert meaning_of_status(word) == meaning, word
        assert meaning_of_status(f" {word.upper()}.") == meaning, word


def test_each_status_of_an_appointment() -> None:
    for word, meaning in APPOINTMENT:
        assert meaning_of_appointment(word) == meaning, word
        assert meaning_of_appointment(f" {word.upper()}.") == meaning, word


def test_the_statuses_of_appointments_are_those_there_are() -> None:
    assert list(dictionary()["appointment"]) == Appointment.Status.values


def test_each_payment() -> None:
    for word, meaning in PAYMENT:
        assert meaning_of_payment(word) == meaning, word


def test_each_item() -> None:
    for word, group in ITEMS:
        assert meaning_of_item(word) == group, word


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("微信支付", "money"),
        ("支付宝", "money"),
        ("储值卡支付", "card"),
        ("会员卡-余额", "card"),
        ("次卡", "card"),
        ("Gift Card", "card"),
        ("Visa ending 1234", "money"),
        ("CASH", "money"),
        ("余额宝", "money"),
        ("储值卡+微信", None),
        ("Bitcoin", None),
        ("Barter", None),
    ],
)
def test_payments(word: str, meaning: str | None) -> None:
    assert meaning_of_payment(word) == meaning


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("Deposit - Balayage", "deposit"),
        ("Balayage deposit", "deposit"),
        ("染发定金", "deposit"),
        ("Tip", "tip"),
        ("Gel Tips", None),
        ("Depositary care", None),
        ("Cut", None),
        ("$100 Gift Card", "card"),
        ("储值卡充值", "card"),
        ("充值1000送200", "card"),
        ("No-show fee", "fee"),
        ("", None),
    ],
)
def test_items(word: str, group: str | None) -> None:
    assert meaning_of_item(word) == group


@pytest.mark.parametrize("word", ["No-show", "NO SHOW", "no_show", "Ｎｏ　Ｓｈｏｗ"])
def test_spellings(word: str) -> None:
    assert meaning_of_status(word) == "leave_out"


def test_no_word_has_two_meanings() -> None:
    for words in (STATUS, APPOINTMENT):
        meanings = {(folded(word).replace(" ", ""), meaning) for word, meaning in words}
        assert len({word for word, _meaning in meanings}) == len(meanings)
