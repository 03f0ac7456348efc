"""Cells that hold text, codes and words with a meaning."""

from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from core.clients.models import Client
from core.imports.services.values.memo import (
    NULL,
    BadCellError,
    Memo,
    Problem,
    Problems,
    checked_text,
    escaped,
    shortened,
)
from core.visits.models import VisitLine

_SPECIAL = ("\\", "\t", "\n", "\r", "\0")
YES = {"1", "true", "t", "yes", "y", "x", "on", "是", "有", "对", "√", "✓"}
NO = {"", "0", "false", "f", "no", "n", "off", "否", "无", "不", "-"}
GENDERS: Mapping[str, str] = {
    "": "", "f": Client.Gender.FEMALE, "female": Client.Gender.FEMALE, "woman": Client.Gender.FEMALE, "w": Client.Gender.FEMALE,
    "女": Client.Gender.FEMALE, "女性": Client.Gender.FEMALE, "女士": Client.Gender.FEMALE,
    "m": Client.Gender.MALE, "male": Client.Gender.MALE, "man": Client.Gender.MALE,
    "男": Client.Gender.MALE, "男性": Client.Gender.MALE, "先生": Client.Gender.MALE,
    "other": Client.Gender.OTHER, "o": Client.Gender.OTHER, "x": Client.Gender.OTHER, "其他": Client.Gender.OTHER,
    "unknown": "", "未知": "", "保密": "",
}  # fmt: skip
LINE_KINDS: Mapping[str, str] = {
    "": VisitLine.Kind.SERVICE,
    "service": VisitLine.Kind.SERVICE, "services": VisitLine.Kind.SERVICE, "服务": VisitLine.Kind.SERVICE, "项目": VisitLine.Kind.SERVICE,
    "product": VisitLine.Kind.PRODUCT, "products": VisitLine.Kind.PRODUCT, "retail": VisitLine.Kind.PRODUCT,
    "产品": VisitLine.Kind.PRODUCT, "商品": VisitLine.Kind.PRODUCT,
    "card_sale": VisitLine.Kind.CARD_SALE, "card sale": VisitLine.Kind.CARD_SALE, "card": VisitLine.Kind.CARD_SALE,
    "售卡": VisitLine.Kind.CARD_SALE, "办卡": VisitLine.Kind.CARD_SALE, "充值": VisitLine.Kind.CARD_SALE, "卡项": VisitLine.Kind.CARD_SALE,
}  # fmt: skip


class Texts:
    """Texts of which many differ: trimmed, and nothing remembered of them."""

    def __init__(self, max_length: int, *, empty: str = NULL) -> None:
        self._max_length = max_length
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
            return escaped(checked_text(text, self._max_length)) or self._empty
        except BadCellError as error:
            self.problems[cell] = error.problem
            return NULL


def few_texts(max_length: int, *, empty: str = NULL) -> Memo:
    """Texts of which few differ, as categories and roles do."""
    return Memo(lambda text: escaped(checked_text(text, max_length)) or empty)


def flags() -> Memo:
    def read(text: str) -> str:
        word = text.strip().casefold()
        if word in YES:
            return "t"
        if word in NO:
            return "f"
        raise BadCellError("bad_flag", _("“%s” is neither yes nor no.") % shortened(text))

    return Memo(read)


def words(meanings: Mapping[str, str]) -> Memo:
    """One of a few words, such as genders."""

    def read(text: str) -> str:
        word = text.strip().casefold()
        if word in meanings:
            return str(meanings[word])
        known = ", ".join(dict.fromkeys(str(value) for value in meanings.values() if value))
        message = _("“%(word)s” is not one of: %(known)s.")
        raise BadCellError("unknown_word", message % {"word": shortened(text), "known": known})

    return Memo(read)


def time_zones() -> Memo:
    known = available_timezones()

    def read(text: str) -> str:
        zone = text.strip()
        if zone and zone not in known:
            message = _("“%s” is no time zone; one is written as in Asia/Shanghai.")
            raise BadCellError("bad_time_zone", message % shortened(zone))
        return zone

    return Memo(read)
