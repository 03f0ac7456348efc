"""What client numbers are compared by: one key for all spellings of a number, a phone or a name."""

import re
import unicodedata
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

LONGEST = 100
# Neither a phone nor of more than one spelling.
_PLAIN = re.compile(r"[A-Z][0-9A-Z_\-]*|\d{1,6}", re.ASCII)
_PLAIN_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
# Digits and what stands between them in a phone; shorter ones are numbers of a chain's own.
_PHONE = re.compile(r"\(?\+?[\d\s().\-/]{7,30}", re.ASCII)
# By far the most there are, and quicker than asking.
_CHINESE_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"[^\d+]", re.ASCII)
# A number that passed through a table of floating-point numbers.
_FLOAT = re.compile(r"^(\d+)\.0$", re.ASCII)

# By which spreadsheets keep digits from being read as a number.
_TEXT_MARK = re.compile(r"^'(?=[\d+(])", re.ASCII)


def client_key(text: str, country: str) -> str:
    """The key of a client number, empty for an empty one; `country` is the chain's, whose phones need no code.

    Width, composed letters, case, and kinds and runs of spaces make no difference. A valid phone counts by its
    digits: of the chain's country without the code, of another country with it.
    """
    if _PLAIN.fullmatch(text) or (country == "CN" and _PLAIN_MOBILE.fullmatch(text)):
        return text
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold().upper())
    # Marks that cannot be seen, such as those of direction around a phone.
    seen = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    key = _TEXT_MARK.sub("", _FLOAT.sub(r"\1", " ".join(seen.split())))
    if _PHONE.fullmatch(key):
        key = _phone_key(key, country) or key
    return key if len(key) <= LONGEST else text.strip()


def _phone_key(text: str, country: str) -> str | None:
    digits = _BETWEEN_DIGITS.sub("", text)
    if country == "CN" and (mobile := _CHINESE_MOBILE.fullmatch(digits)):
        return mobile[1]
    if text == digits and not _prefixes(country).match(digits):
        return None
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    if number.country_code == phonenumbers.country_code_for_region(country):
        return phonenumbers.national_significant_number(number)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@cache
def _prefixes(country: str) -> re.Pattern[str]:
    """What may stand before a phone of the country: without it, digits are as they are."""
    known = PhoneMetadata.metadata_for_region(country)
    code = phonenumbers.country_code_for_region(country)
    parts = [r"\+", str(code), "0", *(part for part in (known.national_prefix_for_parsing,) if part)] if known else []
    return re.compile("|".join(f"(?:{part})" for part in parts) or ".")
