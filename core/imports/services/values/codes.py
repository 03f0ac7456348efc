"""Converts cells that name a record, by its code or by its name, to the record's id."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NULL, BadCellError, Memo, checked_text, shortened
from core.imports.services.values.numbers import digits_lost, lost_digits
from core.shared.sentences import join_sentences

# Only this many unknown codes get suggestions: beyond, the column holds something else than codes with typos.
NAMED_NEAR_MISSES = 20
CREATE, ERROR = "create", "error"
# Says of an unknown text: the code of the record it means, CREATE, ERROR, or None where that is open.
Decide = Callable[[str], str | None]


def folded_name(text: str) -> str:
    """Names that differ in case, width and spaces are the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def near_misses(text: str, known: Iterable[str]) -> list[str]:
    """Known names that look like it, best first, whatever their case."""
    by_fold = {name.casefold(): name for name in known}
    return [by_fold[fold] for fold in get_close_matches(text.casefold(), by_fold, n=3, cutoff=0.6)]


def unknown_code(code: str, message: str, text: str, known: Iterable[str]) -> BadCellError:
    """“{text}” is unknown; did you mean …?"""
    sentences = [message % shortened(text)]
    if near := near_misses(text, known):
        sentences.append(_("Did you mean %s?") % ", ".join(near))
    return BadCellError(code, join_sentences(sentences))


class Codes(Memo):
    """Codes of records, else names that one of them alone has. What is unknown is decided, made, or an error."""

    def __init__(
        self,
        known: Mapping[str, int],
        *,
        error: tuple[str, str],
        max_length: int,
        make: Callable[[], int] | None = None,
        names: Iterable[tuple[str, int]] = (),
        decide: Decide | None = None,
        merged: Mapping[int, int] | None = None,
    ) -> None:
        """`merged`: what records lead to that were merged into another; one that is named by its code is still told
        apart from it."""
        super().__init__(self._read)
        self._known = known
        self._error = error
        self._max_length = max_length
        self._make, self._decide = make, decide
        self.names = unambiguous([*names, *known.items()], merged or {})
        # The text of each record to be made → its id, and those that were not fetched by `fresh` yet.
        self.new: dict[str, int] = {}
        self._fresh: list[tuple[str, int]] = []
        self._unknown = 0
        self.some_known = False
        # Cells whose text is not known, and how many rows have each.
        self._undecided: set[str] = set()
        self.rows: Counter[str] = Counter()

    def read(self, cells: Sequence[str]) -> list[str]:
        values = super().read(cells)
        if self._undecided:
            self.rows.update(map(str.strip, filter(self._undecided.__contains__, cells)))
        return values

    def fresh(self) -> list[tuple[str, int]]:
        """What is new since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def _read(self, cell: str) -> str:
        text = checked_text(cell, self._max_length)
        if not text:
            return NULL
        if lost_digits(text):
            raise digits_lost(text)
        pk = self._known.get(text) or self.names.get(folded_name(text))
        if pk is None:
            return self._unknown_text(cell, text)
        self.some_known = True
        return str(pk)

    def _unknown_text(self, cell: str, text: str) -> str:
        choice = self._decide(text) if self._decide else CREATE if self._make else ERROR
        if choice not in {CREATE, ERROR}:
            self._undecided.add(cell)
            return NULL if choice is None else str(self._known[choice])
        if choice == ERROR or self._make is None:
            self._unknown += 1
            raise unknown_code(*self._error, text, self._known if self._unknown <= NAMED_NEAR_MISSES else ())
        pk = self._make()
        self.new[text] = self.names[folded_name(text)] = pk
        self._fresh.append((text, pk))
        return str(pk)


def unambiguous(names: Iterable[tuple[str, int]], merged: Mapping[int, int]) -> dict[str, int]:
    """Names, folded, that one record alone has. Of one that was merged into another and the other, it is the other."""
    found: dict[str, int] = {}
    several = set()
    for name, pk in names:
        fold = folded_name(name)
        other = found.setdefault(fold, pk)
        if merged.get(other, other) != merged.get(pk, pk):
            several.add(fold)
        elif pk not in merged:
            found[fold] = pk
    return {fold: pk for fold, pk in found.items() if fold not in several}
