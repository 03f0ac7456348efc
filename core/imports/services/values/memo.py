"""Memoised readers of columns. Cells go through dictionaries and other loops written in C: a Python call for each cell
of a large file would take most of an import's time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

# What COPY reads as no value.
NULL = "\\N"
# Further distinct texts of a column are converted without being memoised.
REMEMBERED = 100_000
# No number, date or time is longer; nothing longer is looked at closely.
LONGEST_VALUE = 64
# The same limit in characters, for columns of long texts.
REMEMBERED_SIZE = 4 << 20
# More than a chunk of rows has, see `core.imports.services.files.limits`.
KEPT_PROBLEMS, KEPT_PROBLEMS_SIZE = 10_000, 16 << 20
# What people write where there is nothing to say.
NOTHING = {
    "",
    "-",
    "--",
    "–",
    "—",
    "/",
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "无",
    "没有",
    "(blank)",
    "(空白)",
    "(leer)",
    "(vide)",
}
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True)
class Problem:
    """Why a cell cannot be read, or not in full."""

    code: str
    message: str
    # What could be read of it, as COPY takes it.
    value: str = NULL


class BadCellError(ValueError):
    """Raised by a reader of one cell."""

    def __init__(self, code: str, message: str, value: str = NULL) -> None:
        super().__init__(message)
        self.problem = Problem(code, message, value)


class Reader(Protocol):
    """Reads a column. `problems` tells of texts that could not be read; NULL stands in their place, or their part
    that could."""

    problems: dict[str, Problem]

    def read(self, cells: Sequence[str]) -> list[str]: ...


class Problems(dict[str, Problem]):
    """The latest problems only, but more than a chunk of rows can have."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def __setitem__(self, text: str, problem: Problem) -> None:
        self._size += 0 if self.pop(text, None) else len(text)
        super().__setitem__(text, problem)
        while len(self) > KEPT_PROBLEMS or self._size > KEPT_PROBLEMS_SIZE:
            oldest = next(iter(self))
            del self[oldest]
            self._size -= len(oldest)


class Memo(dict[str, str]):
    """Text → value as COPY takes it, each text read once."""

    remembered = REMEMBERED

    def __init__(self, read_one: Callable[[str], str]) -> None:
        super().__init__()
        self._read_one = read_one
        self._size = 0
        self.problems: dict[str, Problem] = Problems()

    def __missing__(self, text: str) -> str:
        problem = self.problems.get(text)
        if problem is None:
            try:
                value = self._read_one(text)
            except BadCellError as error:
                problem = error.problem
        if problem is not None:
            self.problems[text] = problem
            return problem.value
        if len(self) < self.remembered and self._size < REMEMBERED_SIZE:
            # Kept once where it is read as it is written.
            self[text] = text if value == text else value
            self._size += len(text)
        return value

    def read(self, cells: Sequence[str]) -> list[str]:
        return list(map(self.__getitem__, cells))


def shortened(text: str, limit: int = 40) -> str:
    """Shortens a cell for a message."""
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
