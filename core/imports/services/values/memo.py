"""Readers of a column's cells. Whole columns go through dictionaries and other loops written in C: a call of our own
for each cell of a large file would take most of an import's time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

# What COPY reads as no value.
NULL = "\\N"
# A column with more different texts than this is read without remembering further ones.
REMEMBERED = 100_000
# No number, date or time is longer; nothing longer is looked at closely.
LONGEST_VALUE = 64
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True)
class Problem:
    """Why a cell cannot be read."""

    code: str
    message: str


class BadCellError(ValueError):
    """Raised by a reader of one cell."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, message)


class Reader(Protocol):
    """Reads a column. `problems` tells of texts that could not be read; NULL stands in their place."""

    problems: dict[str, Problem]

    def read(self, cells: Sequence[str]) -> list[str]: ...


class Memo(dict[str, str]):
    """Text → value as COPY takes it, each text read once."""

    def __init__(self, read_one: Callable[[str], str]) -> None:
        super().__init__()
        self._read_one = read_one
        self.problems: dict[str, Problem] = {}

    def __missing__(self, text: str) -> str:
        try:
            value = self._read_one(text)
        except BadCellError as error:
            self.problems[text] = error.problem
            value = NULL
        if len(self) < REMEMBERED:
            self[text] = value
        return value

    def read(self, cells: Sequence[str]) -> list[str]:
        return list(map(self.__getitem__, cells))


def shortened(text: str, limit: int = 40) -> str:
    """A cell as a message quotes it."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def escaped(text: str) -> str:
    """As COPY's text format takes it."""
    return text.translate(_ESCAPES)


def checked_value(text: str) -> str:
    """A number, date or time, trimmed. Raises BadCellError where it is longer than any."""
    text = text.strip()
    if len(text) > LONGEST_VALUE:
        message = _("The text is %(length)d characters long; a number, date or time has at most %(limit)d.")
        raise BadCellError("text_too_long", message % {"length": len(text), "limit": LONGEST_VALUE})
    return text


def checked_text(text: str, max_length: int) -> str:
    """Trimmed. Raises BadCellError."""
    text = text.strip()
    if len(text) > max_length:
        message = _("The text is %(length)d characters long; %(limit)d are kept at most.")
        raise BadCellError("text_too_long", message % {"length": len(text), "limit": max_length})
    if "\0" in text:
        raise BadCellError("bad_character", _("The text holds a zero character."))
    return text
