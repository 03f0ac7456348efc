"""The encoding of a text, where it could be another one: decided by what is usual, by the chain's country, or asked."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.services.files.charsets import ENCODINGS, OF_ONE_BYTE, is_usual
from core.imports.services.questions import Choice, Question
from core.shared.chain import OutsideChainError, current_chain

KEY = "encoding"
LABELS: dict[str, str | Promise] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": gettext_lazy("Chinese, simplified (GB18030)"),
    "big5hkscs": gettext_lazy("Chinese, traditional (Big5)"),
    "cp932": gettext_lazy("Japanese (Shift-JIS)"),
    "euc_jp": gettext_lazy("Japanese (EUC-JP)"),
    "cp949": gettext_lazy("Korean (CP949, EUC-KR)"),
    "cp1252": gettext_lazy("Western European (Windows-1252, Latin-1)"),
    "cp1250": gettext_lazy("Central European (Windows-1250)"),
    "cp1251": gettext_lazy("Cyrillic (Windows-1251)"),
    "cp874": gettext_lazy("Thai (Windows-874)"),
}
_OF_CURRENCY = {
    "CNY": ("gb18030",),
    "TWD": ("big5hkscs",),
    "HKD": ("big5hkscs",),
    "JPY": ("cp932", "euc_jp"),
    "KRW": ("cp949",),
    **dict.fromkeys(("PLN", "CZK", "HUF", "RON"), ("cp1250",)),
    **dict.fromkeys(("RUB", "UAH", "BYN", "BGN", "MKD", "KZT"), ("cp1251",)),
    "THB": ("cp874",),
}


def likely_at_home(readings: Sequence[tuple[str, str]], *, is_open: bool) -> str | None:
    """The reading in the language of the chain's country; none where no chain is entered. Where the question is not
    `is_open`, only between encodings of one byte a character, of which the other may look as usual."""
    possible = {
        encoding
        for encoding, sample in readings
        if is_open or (readings[0][0] in OF_ONE_BYTE and encoding in OF_ONE_BYTE and is_usual(sample, encoding))
    }
    try:
        own = _OF_CURRENCY.get(current_chain().currency, ())
    except OutsideChainError:
        return None
    return next((one for one in own if one in possible), None)


def encoding_question(readings: Sequence[tuple[str, str]], taken: str | None, *, by_country: bool = False) -> Question:
    reason = ""
    if taken:
        reason = _("Of the readings that are possible it is the one of the chain’s country.") if by_country else ""
        reason = reason or _("Nearly all characters are usual ones in it.")
    return Question(
        key=KEY,
        text=_("How is the text of the file written?"),
        choices=tuple(Choice(encoding, f"{LABELS[encoding]}: {sample}") for encoding, sample in readings),
        taken=taken,
        reason=reason,
        examples=tuple(sample for encoding, sample in readings if encoding == taken),
    )


def said_encoding(encoding: str) -> Question:
    """Of one that the user has said."""
    choices = tuple(Choice(one, str(LABELS[one])) for one in ENCODINGS)
    return Question(KEY, _("How is the text of the file written?"), choices, taken=encoding, answered=True)
