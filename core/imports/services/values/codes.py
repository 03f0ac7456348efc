"""Converts cells that name a record, by its code or by its name, to the record's id."""

import re
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
# 李婷(E01), Anna [12]; E01 李婷, E01-李婷, E01李婷 and 李婷/E01.
_BRACKETED = re.compile(r"([^\[\]()【】]{1,100})[\[(【]([^\[\]()【】]{1,100})[\])】]")
_BESIDE = (
    re.compile(r"[\[(【]([^\[\]()【】]{1,100})[\])】]([^\[\]()【】]{1,100})"),
    re.compile(r"([^\s/_:|-]{1,100})[\s/_:|-]{1,9}(\S.{0,100})"),
    re.compile(r"([A-Za-z]{0,9}[0-9]{1,20})([^\W\d_a-zA-Z].{0,100})"),
)
_DIGIT = re.compile(r"\d", re.ASCII)
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
        of_people: bool = False,
    ) -> None:
        """`merged`: what records lead to that were merged into another; one that is named by its code is still told
        apart from it. `of_people`: beside a name, something in brackets is a code or a role, and makes no other."""
        super().__init__(self._read)
        self._known = known
        self._error = error
        self._max_length = max_length
        self._make, self._decide = make, decide
        named = [*names, *known.items()]
        self.names = unambiguous(named, merged or {})
        # The names of each record, to compare with what stands beside its code.
        self._names_of: dict[int, set[str]] = {}
        for name, pk in named:
            self._names_of.setdefault(pk, set()).add(folded_name(name))
        self._of_people = of_people
        # Who is known by name alone, and what stood beside the name first.
        self._marks: dict[int, str] = {}
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
        pk = self._known.get(text) or self.names.get(folded_name(text)) or self._with_both(text)
        if pk is None:
            return self._unknown_text(cell, text)
        self.some_known = True
        return str(pk)

    def _with_both(self, text: str) -> int | None:
        """The record of a code and a name that stand together."""
        plain = unicodedata.normalize("NFKC", text)
        bracketed = _BRACKETED.fullmatch(plain)
        for match in filter(None, (bracketed, *(look.fullmatch(plain) for look in _BESIDE))):
            parts = (match[1].strip(), match[2].strip())
            for code, name in (parts, parts[::-1]):
                pk = self._by_fold(code)
                if pk is not None and self._may_be_called(pk, code, name):
                    return pk
        return self._by_marked_name(bracketed[1], bracketed[2]) if bracketed and self._of_people else None

    def _by_fold(self, code: str) -> int | None:
        return self._known.get(code) or self.names.get(folded_name(code))

    def _may_be_called(self, pk: int, code: str, name: str) -> bool:
        """Of people, one who is known by the code alone may have any name."""
        names = self._names_of.get(pk, set()) - {""}
        only_code = self._of_people and _DIGIT.search(code) is not None and names == {folded_name(code)}
        return folded_name(name) in names or (only_code and self._by_fold(name) is None)

    def _by_marked_name(self, name: str, mark: str) -> int | None:
        """Anna [12] is Anna whose code is not known, unless there was an Anna [13] before."""
        pk = self.names.get(folded_name(name))
        if pk is None or self._names_of.get(pk, set()) - {"", folded_name(name)} or self._by_fold(mark.strip()):
            return None
        return pk if self._marks.setdefault(pk, folded_name(mark)) == folded_name(mark) else None

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
