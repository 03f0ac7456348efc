"""Which encoding a text that is no UTF-8 is written in: by what is usual in each.

Many encodings of two bytes a character accept each other's texts. What tells them apart is which characters a text
would hold: in real Korean nearly all are syllables of KS X 1001, in real Chinese they are of GB 2312, and so on.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

# Encodings a file can be said to be written in, likely ones first.
ENCODINGS = (
    "utf-8",
    "gb18030",
    "big5hkscs",
    "cp932",
    "euc_jp",
    "cp949",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp874",
    "utf-16",
)
USUAL_SHARE = 0.9
# So many different syllables, all of them Korean, are no chance: of Chinese characters about six in ten look so.
ENOUGH_SYLLABLES = 8
# A few words of one byte a character may all look Chinese; so many different characters are Chinese.
ENOUGH_CHARACTERS = 20
KANA_SHARE = 0.1
# Of letters beyond ASCII that stand beside another: words of Cyrillic consist of them, others hold one here and there.
CYRILLIC_SHARE = 0.6
SHOWN_LINES, LONGEST_SHOWN = 3, 60
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\u3000\ufeff]")
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9f]")
_PAIRS = re.compile(rb"[\xa8\xb8\xc0-\xff]{2,}")
_LETTERS = re.compile(rb"[\xa8\xb8\xc0-\xff]")
# Letters and signs that texts of Western Europe hold.
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿ€£°·–—‘’“”«»º¡¿ \xa0")
_CENTRAL = frozenset("ĄĆĘŁŃÓŚŹŻąćęłńóśźżČĎĚŇŘŠŤŮŽčďěňřšťůžÁÉÍÖŐÚÜŰáéíöőúüűýÝľĽôÔ€°–—„”“’ \xa0")


# Of one byte a character: few rows do not tell them apart, since each reads the others' texts. What their texts hold.
OF_ONE_BYTE: Mapping[str, Callable[[str], bool]] = {
    "cp1252": _WESTERN.__contains__,
    "cp1250": _CENTRAL.__contains__,
    "cp1251": lambda one: "\u0400" <= one <= "\u045f" or one in "Ґґ№€–—„“”«»’ \xa0",
    "cp874": lambda one: "\u0e01" <= one <= "\u0e5b" or one in "€–—“”’ \xa0",
}


def is_usual(sample: str, encoding: str) -> bool:
    """Of an encoding of one byte a character: whether a text that was read so holds what its texts hold."""
    return _usual_share(Counter(_BEYOND_ASCII.findall(sample)), OF_ONE_BYTE[encoding]) >= USUAL_SHARE


class Likely(NamedTuple):
    encoding: str
    # Nothing else can be meant.
    is_sure: bool
    # It is the user's to say.
    is_open: bool
    # The likely readings: encoding, and some of the lines as they would read.
    readings: list[tuple[str, str]]


def likely_encoding(lines: list[bytes], fits: Callable[[str], bool]) -> Likely | None:
    """`lines` are some that are no ASCII, `fits` says whether all of the file can be read so. None where none is."""
    text = b"".join(lines)
    usual = [name for name, is_usual in _USUAL.items() if _share(text, name, is_usual) >= USUAL_SHARE and fits(name)]
    if "cp949" in usual:
        syllables = len(set(_BEYOND_ASCII.findall(text.decode("cp949", "ignore"))))
        if syllables >= ENOUGH_SYLLABLES or len(usual) == 1:
            return _likely("cp949", lines, sure=False)
        return _likely("cp949", lines, sure=False, is_open=True, among=usual)
    for name in ("cp932", "euc_jp"):
        if name in usual and _kana_share(text, name) >= KANA_SHARE:
            return _likely(name, lines, sure=False)
    others = _instead_of_chinese(text, fits) if "gb18030" in usual else []
    if "gb18030" in usual and ("euc_jp" in usual or others):
        return _likely("gb18030", lines, sure=False, is_open=True, among=[*usual, *others])
    for name in ("gb18030", "big5hkscs", "cp932", "euc_jp"):
        if name in usual:
            return _likely(name, lines, sure=name == "gb18030")
    return _of_one_byte(text, lines, fits)


def _instead_of_chinese(text: bytes, fits: Callable[[str], bool]) -> list[str]:
    """Of a few words, the encodings of one byte in which they look as usual. As Thai nearly all Chinese does."""
    if len(set(_BEYOND_ASCII.findall(text.decode("gb18030", "ignore")))) >= ENOUGH_CHARACTERS:
        return []
    looks = {name: known for name, known in OF_ONE_BYTE.items() if name != "cp874"}
    return [name for name, known in looks.items() if fits(name) and _share(text, name, known) >= USUAL_SHARE]


def _of_one_byte(text: bytes, lines: list[bytes], fits: Callable[[str], bool]) -> Likely | None:
    letters = len(_LETTERS.findall(text))
    if letters and fits("cp1251") and sum(map(len, _PAIRS.findall(text))) >= CYRILLIC_SHARE * letters:
        return _likely("cp1251", lines, sure=False)
    shares = {name: _share(text, name, OF_ONE_BYTE[name]) for name in ("cp1252", "cp1250") if fits(name)}
    if not shares:
        return None
    best = max(shares, key=lambda name: shares[name])
    return _likely(best, lines, sure=False, is_open=shares[best] < USUAL_SHARE)


def _likely(
    encoding: str,
    lines: list[bytes],
    *,
    sure: bool,
    is_open: bool = False,
    among: list[str] | None = None,
) -> Likely:
    names = [encoding] if sure else [encoding, *(name for name in among or ENCODINGS if name != encoding)]
    text = b"".join(lines)
    readings = [(name, _shown(lines, name)) for name in names if name not in {"utf-8", "utf-16"} and _reads(text, name)]
    return Likely(encoding, sure, is_open, readings)


def _reads(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _shown(lines: list[bytes], encoding: str) -> str:
    texts = [line.decode(encoding, "replace").strip() for line in lines[:SHOWN_LINES]]
    return " / ".join(text[:LONGEST_SHOWN] for text in texts)


def _share(text: bytes, encoding: str, is_usual: Callable[[str], bool]) -> float:
    """Of the characters beyond ASCII, how many are usual ones; 0 where the text cannot be read so at all."""
    read = text.decode(encoding, "replace")
    counts = Counter(_BEYOND_ASCII.findall(read))
    if encoding in {"cp932", "euc_jp"}:
        counts = Counter({one: count for one, count in counts.items() if not _is_half(one)})
    return _usual_share(counts, is_usual)


def _usual_share(counts: "Counter[str]", is_usual: Callable[[str], bool]) -> float:
    total = counts.total()
    return sum(count for one, count in counts.items() if is_usual(one)) / total if total else 0.0


def _kana_share(text: bytes, encoding: str) -> float:
    read = text.decode(encoding, "replace")
    return len(_KANA.findall(read)) / max(len(_BEYOND_ASCII.findall(read)), 1)


def _is_half(character: str) -> bool:
    """Half-width kana are single bytes, which Latin letters read as too."""
    return "\uff61" <= character <= "\uff9f"


def _encodable(character: str, encoding: str) -> bytes:
    return character.encode(encoding, "ignore")


def _usual_chinese(character: str) -> bool:
    written = _encodable(character, "gb18030")
    return len(written) == 4 or (len(written) == 2 and min(written) >= 0xA1)


def _usual_taiwanese(character: str) -> bool:
    """The frequent characters come first, up to C6; signs before them."""
    written = _encodable(character, "big5")
    return len(written) == 2 and 0xA1 <= written[0] <= 0xC6


def _usual_korean(character: str) -> bool:
    return ("가" <= character <= "힣" or character in "·…₩℃㈜【】「」") and len(_encodable(character, "euc_kr")) == 2


def _usual_japanese(character: str) -> bool:
    """Kana, signs, and the characters of level 1."""
    written = _encodable(character, "shift_jis")
    return len(written) == 2 and 0x81 <= written[0] <= 0x97


_USUAL: dict[str, Callable[[str], bool]] = {
    "cp949": _usual_korean,
    "cp932": _usual_japanese,
    "euc_jp": _usual_japanese,
    "gb18030": _usual_chinese,
    "big5hkscs": _usual_taiwanese,
}
