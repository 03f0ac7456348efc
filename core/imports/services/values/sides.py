"""Cells beside the point that people write in many ways: ratings and durations."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value, shortened
from core.imports.services.values.numbers import plain


def _spaced(word: str) -> str:
    return word.replace("_", " ")


BEST, TEN = 5, 10
LONGEST_MINUTES = 100_000
# What each word says, best first.
RATING_WORDS = {
    word: stars
    for stars, words in (
        (5, "非常满意 很满意 十分满意 超级满意 非常好 很好 极好 优秀 好评 五星 五星好评"),
        (5, "excellent outstanding perfect amazing very_satisfied extremely_satisfied very_good"),
        (4, "满意 比较满意 较满意 好 较好 良好 不错 四星 good satisfied somewhat_satisfied"),
        (3, "一般 普通 中等 还行 尚可 中评 三星 average neutral ok okay"),
        (2, "不满意 不太满意 较差 差 二星 两星 poor bad dissatisfied unsatisfied somewhat_dissatisfied"),
        (1, "非常不满意 很不满意 极不满意 很差 非常差 极差 差评 一星"),
        (1, "terrible awful very_bad very_poor very_dissatisfied"),
    )
    for word in map(_spaced, words.split())
}
_STARS = re.compile(r"([★⭐🌟*]+)☆*")
_RATING = re.compile(
    r"(?P<value>\d{1,3}(?:[.,]\d{1,2})?)\s*"
    r"(?:(?:分|星|颗星|stars?|points?|pts)\.?|(?:/|out of)\s*(?P<of>5|10|100)(?:\.0)?\s*分?|(?P<percent>%))?"
)
_MINUTES = re.compile(r"(?P<minutes>\d{1,6}(?:\.0+)?)\s*(?:分钟?|min(?:ute)?s?\.?|m|')?")
_HOURS = re.compile(
    r"(?P<hours>\d{1,3}(?:\.\d{1,2})?)\s*(?:个?小时|个?钟头?|时|h(?:ou)?rs?\.?|h)"
    r"(?:\s*(?P<half>半)|\s*(?P<minutes>\d{1,2})\s*(?:分钟?|min(?:ute)?s?\.?|m)?)?"
)
_CLOCK = re.compile(r"(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d)(?::00)?")


@dataclass(frozen=True)
class RatingRules:
    """Asked where a cell alone leaves it open."""

    # Whether words are read as stars; told all of the column so far.
    words_count: Callable[[Sequence[str]], bool] = lambda _words: True
    # Whether the column's numbers go up to ten; told of one that is more than five.
    out_of_ten: Callable[[str | None], bool] = lambda _text: False


def ratings(rules: RatingRules) -> Memo:
    words: list[str] = []

    def read(text: str) -> str:
        normal = _normal(text)
        if normal in NOTHING:
            return NULL
        if normal in RATING_WORDS:
            words.append(text.strip())
            if not rules.words_count(words):
                raise BadCellError("rating_word", _("“%s” is no number.") % shortened(text))
            return str(RATING_WORDS[normal])
        value = _rating(normal, rules, text)
        if value is None:
            raise BadCellError("bad_rating", _("“%s” is no rating.") % shortened(text))
        if not 0 <= value <= BEST:
            raise BadCellError("rating_range", _("A rating is a number from 0 to 5, not “%s”.") % shortened(text))
        return plain(value.quantize(Decimal("0.1"), ROUND_HALF_UP))

    return Memo(read)


def rating_of(word: str) -> int:
    return RATING_WORDS[_normal(word)]


def _rating(normal: str, rules: RatingRules, text: str) -> Decimal | None:
    if match := _STARS.fullmatch(normal.replace("\ufe0f", "")):
        return Decimal(len(match[1]))
    match = _RATING.fullmatch(normal)
    if match is None:
        return None
    value = Decimal(match["value"].replace(",", "."))
    if match["percent"] or match["of"]:
        return value * BEST / Decimal(match["of"] or 100)
    more = BEST < value <= TEN
    return value * BEST / TEN if rules.out_of_ten(text if more else None) else value


def minutes() -> Memo:
    """Whole minutes; hours and clocks are turned into them."""

    def read(text: str) -> str:
        normal = _normal(text)
        if normal in NOTHING:
            return NULL
        for form in (_MINUTES, _HOURS, _CLOCK):
            if match := form.fullmatch(normal):
                parts = match.groupdict()
                value = Decimal(parts.get("hours") or 0) * 60 + Decimal(parts.get("minutes") or 0)
                value += 30 if parts.get("half") else 0
                if value == value.to_integral_value() and value <= LONGEST_MINUTES:
                    return str(int(value))
        raise BadCellError("bad_duration", _("“%s” is no duration in minutes.") % shortened(text))

    return Memo(read)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", checked_value(text)).casefold().split())
