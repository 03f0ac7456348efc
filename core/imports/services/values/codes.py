"""Converts cells with the code of a record to its id."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NULL, BadCellError, Memo, checked_text, shortened
from core.imports.services.values.numbers import digits_lost, lost_digits
from core.shared.sentences import join_sentences

# More new codes than this mean that the wrong column is mapped.
MAX_NEW = 20_000
# Only this many unknown codes get suggestions: beyond, the column holds something else than codes with typos.
NAMED_NEAR_MISSES = 20


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
    """Codes of records. Unknown ones are errors that name near misses, or are made where `make` can."""

    def __init__(
        self,
        known: Mapping[str, int],
        *,
        error: tuple[str, str],
        max_length: int,
        make: Callable[[], int] | None = None,
        aliases: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(self._read)
        self._known = known
        self._error = error
        self._max_length = max_length
        self._make = make
        # Other names of the same records, tried if no code matches.
        self._aliases = aliases or {}
        # The text of each record to be made → its id.
        self.new: dict[str, int] = {}
        self._unknown = 0

    def _read(self, cell: str) -> str:
        text = checked_text(cell, self._max_length)
        if not text:
            return NULL
        if lost_digits(text):
            raise digits_lost(text)
        pk = self._known.get(text) or self._aliases.get(text) or self.new.get(text)
        if pk is None:
            pk = self._aliases.get(text.casefold())
        if pk is not None:
            return str(pk)
        if self._make is None:
            self._unknown += 1
            raise unknown_code(*self._error, text, self._known if self._unknown <= NAMED_NEAR_MISSES else ())
        if len(self.new) >= MAX_NEW:
            message = _("More than %d unknown names: is the right column mapped?")
            raise BadCellError("too_many_new", message % MAX_NEW)
        self.new[text] = self._make()
        return str(self.new[text])
