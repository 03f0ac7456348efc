"""What words in the cells of a file mean, by the dictionary of words: `core/imports/words.toml`."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

DICTIONARY = Path(__file__).parents[1] / "words.toml"


@cache
def dictionary() -> Mapping[str, Any]:
    with DICTIONARY.open("rb") as file:
        return tomllib.load(file)


def folded(text: str) -> str:
    """Words in lower case with one space between them, and nothing else."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def without_numbers(text: str) -> str:
    """What is paid in several ways says how much in each: “Cash(4821),GPay(701)”."""
    return " ".join(word for word in folded(text).split() if not word.isdecimal()) or folded(text)


def meaning_of_status(text: str) -> str | None:
    """Whether a row with this status `counts`, is to be left out (`leave_out`) or was given back (`refund`)."""
    return _whole_words("status").get(folded(text).replace(" ", ""))


def meaning_of_appointment(text: str) -> str | None:
    """The status of an appointment, as `core.appointments` names it."""
    return _whole_words("appointment").get(folded(text).replace(" ", ""))


def meaning_of_payment(text: str) -> str | None:
    """`card` or `money`; None for an unknown word, or one that says both."""
    left = f" {folded(text)} "
    found = set()
    for word, meaning in _payment_words():
        if word in left:
            found.add(meaning)
            left = left.replace(word, "  ")
    return found.pop() if len(found) == 1 else None


def meaning_of_item(text: str) -> str | None:
    """The group of `[items]` it is of, if it is no visit."""
    name = folded(text)
    for group, places in _folded_items().items():
        if any(_stands(name, place, word) for place, words in places.items() for word in words):
            return group
    return None


def _stands(name: str, place: str, word: str) -> bool:
    if name == word:
        return True
    # Words of letters stand for themselves, those of characters within others.
    apart = " " if word.isascii() else ""
    if place == "begins":
        return name.startswith(word + apart)
    if place == "ends":
        return name.endswith(apart + word)
    return place == "holds" and f"{apart}{word}{apart}" in f"{apart}{name}{apart}"


@cache
def _folded_items() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {
        group: {place: tuple(map(folded, words)) for place, words in places.items()}
        for group, places in dictionary()["items"].items()
    }


@cache
def _whole_words(section: str) -> Mapping[str, str]:
    listed = dictionary()[section].items()
    return {folded(word).replace(" ", ""): meaning for meaning, words in listed for word in words}


@cache
def _payment_words() -> tuple[tuple[str, str], ...]:
    """The longest first, as “gift card” is no “card”."""
    return tuple(sorted(_payment_fragments(), key=lambda entry: (-len(entry[0].strip()), entry)))


def _payment_fragments() -> Iterator[tuple[str, str]]:
    for meaning, words in dictionary()["payment"].items():
        for word in map(folded, words):
            yield (f" {word} " if word.isascii() else word), meaning
