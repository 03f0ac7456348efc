"""What a heading means, by the dictionary of headings: `core/imports/headings.toml`."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.shared.file_fields import fields_of

LONGEST_HEADING = 200
DICTIONARY = Path(__file__).parents[1] / "headings.toml"
FALLBACK = "fallback"
_BRACKETS = re.compile(r"[(\[（【].*?[)\]）】]?$")


@dataclass(frozen=True)
class Meaning:
    field: str
    # Of two columns that mean one field, the one with the smaller rank says it better. -1: the field's own name.
    rank: int
    # Only where no other column means the field.
    fallback: bool = False


def meaning_of(kind: str, heading: str) -> Meaning | None:
    known = _meanings(kind)
    name = normal_heading(heading)
    if name in known or not name:
        return known.get(name)
    return known.get(normal_heading(_BRACKETS.sub("", heading.strip())))


def normal_heading(text: str) -> str:
    """Headings that differ in case, width, spaces or punctuation are the same; a longer text is none."""
    if len(text) > LONGEST_HEADING:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


def column_keys(headings: Sequence[str]) -> list[str]:
    """What names each column in a mapping: its heading; `Client#2` for the second that has it, `#3` for the third
    column where it has none."""
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for index, heading in enumerate(headings):
        seen[heading] += 1
        number = index + 1 if not heading else seen[heading]
        keys.append(heading if heading and number == 1 else f"{heading}#{number}")
    return keys


@cache
def dictionary() -> Mapping[str, Any]:
    with DICTIONARY.open("rb") as file:
        return tomllib.load(file)


def _meanings(kind: str) -> Mapping[str, Meaning]:
    """By heading, as `normal_heading` has it. Not kept by kind alone: the fields are those of the apps there are."""
    return _meanings_of(kind, tuple((item.name, item.headings) for item in fields_of(kind)))


@cache
def _meanings_of(kind: str, fields: tuple[tuple[str, str], ...]) -> Mapping[str, Meaning]:
    names = {name for name, _headings in fields}
    found: dict[str, Meaning] = {}
    listed = dictionary()
    for field, headings in listed.get(FALLBACK, {}).get(kind, {}).items():
        found |= {normal_heading(text): Meaning(field, rank, fallback=True) for rank, text in enumerate(headings)}
    for field, headings in listed.get(kind, {}).items():
        found |= {normal_heading(text): Meaning(field, rank) for rank, text in enumerate(headings)}
    for field, text in fields:
        found |= {normal_heading(word): Meaning(field, rank) for rank, word in enumerate(text.split())}
        found[normal_heading(field)] = Meaning(field, -1)
    return {heading: meaning for heading, meaning in found.items() if meaning.field in names}
