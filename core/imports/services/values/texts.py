"""Cells that hold text, codes and words with a meaning."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from core.imports.services.values.memo import (
    NOTHING,
    NULL,
    BadCellError,
    Memo,
    Problem,
    Problems,
    checked_text,
    escaped,
    shortened,
)
from core.imports.services.values.numbers import digits_lost, lost_digits

_SPECIAL = ("\\", "\t", "\n", "\r", "\0", "E+", "e+", "###", "#N", "#R", "#V", "#D")
YES = {"1", "true", "t", "yes", "y", "x", "on", "是", "有", "对", "√", "✓"}
NO = {"", "0", "false", "f", "no", "n", "off", "否", "无", "不", "-"}
# In a column whose heading says what is the case; whatever else stands there says that it is.
_NOT = re.compile(
    r"[\W0]*|(?:not|no|nein|non|nee|нет|none|null|n/?a|false|f|n|off)(?:\s.{0,60})?|(?:[否无無不未非아ไ]|なし|いいえ).{0,60}"
)


class Texts:
    """Texts of which many differ: trimmed, and nothing remembered of them."""

    def __init__(
        self, max_length: int, *, empty: str = NULL, on_lost_digits: Callable[[str], bool] | None = None
    ) -> None:
        """`on_lost_digits` tells of 1.38E+10 whether it is left empty; without it such a cell cannot be read."""
        self._max_length = max_length
        self._on_lost_digits = on_lost_digits
        self._empty = empty
        self.problems: dict[str, Problem] = Problems()

    def read(self, cells: Sequence[str]) -> list[str]:
        texts = list(map(str.strip, cells))
        joined = "".join(texts)
        if any(special in joined for special in _SPECIAL) or max(map(len, texts), default=0) > self._max_length:
            return [self._careful(text, cell) for text, cell in zip(texts, cells, strict=True)]
        empty = self._empty
        return [text or empty for text in texts]

    def _careful(self, text: str, cell: str) -> str:
        try:
            if lost_digits(text):
                return self._without_digits(text)
            return escaped(checked_text(text, self._max_length)) or self._empty
        except BadCellError as error:
            self.problems[cell] = error.problem
            return NULL

    def _without_digits(self, text: str) -> str:
        if self._on_lost_digits is None or not self._on_lost_digits(text):
            raise digits_lost(text)
        return self._empty


def flags() -> Memo:
    def read(text: str) -> str:
        word = text.strip().casefold()
        if word in YES:
            return "t"
        if word in NO:
            return "f"
        raise BadCellError("bad_flag", _("“%s” is neither yes nor no.") % shortened(text))

    return Memo(read)


def is_the_case(text: str) -> bool:
    """Of a cell of a column such as 是否退款 or “Cancelled at”."""
    return _NOT.fullmatch(text.strip()[:64].casefold()) is None


def choices(values: Iterable[str], synonyms: Mapping[str, str]) -> Memo:
    """One of a few values, such as genders, or a synonym of one."""
    known = list(values)
    meanings = {
        **dict.fromkeys(NOTHING, synonyms.get("", NULL)),
        **{value.casefold(): value for value in known},
        **synonyms,
    }

    def read(text: str) -> str:
        word = " ".join(text.casefold().split())
        meaning = meanings.get(word)
        if meaning:
            return str(meaning)
        if meaning is not None:
            raise BadCellError("said_unknown", _("“%s” says that it is not known.") % shortened(text))
        message = _("“%(word)s” is not one of: %(known)s.")
        raise BadCellError("unknown_word", message % {"word": shortened(text), "known": ", ".join(known)})

    return Memo(read)


def time_zones() -> Memo:
    known = available_timezones()

    def read(text: str) -> str:
        zone = text.strip()
        if zone and zone not in known:
            message = _("“%s” is no time zone; one is written as in Asia/Shanghai.")
            raise BadCellError("bad_time_zone", message % shortened(zone))
        return zone or NULL

    return Memo(read)


def joined_name(first: str, last: str) -> str:
    """Chinese, Japanese and Korean names begin with the family's, without a space."""
    given, family = first.strip(), last.strip()
    if any("\u2e80" <= character <= "\ud7ff" for character in given + family):
        return family + given
    return " ".join(filter(None, (given, family)))
