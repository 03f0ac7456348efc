"""Texts that go into files a spreadsheet will open."""

from typing import TypeVar

Cell = TypeVar("Cell")
# A spreadsheet would read a text that begins so as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARKED = frozenset(f"'{start}" for start in _FORMULA_STARTS)


def guarded(value: Cell) -> Cell | str:
    """A text that a spreadsheet would take for a formula, marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def unguarded(text: str) -> str:
    """A text that comes back from a spreadsheet, without the mark of `guarded`."""
    return text[1:] if text[:2] in _MARKED else text
