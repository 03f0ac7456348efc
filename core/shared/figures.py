"""Numbers, rates and dates for people, in the language of the page."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOTHING = "–"
# What amounts in a currency begin with.
SIGNS = {
    "CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "SGD": "S$", "AUD": "A$",
    "CAD": "C$", "NZD": "NZ$", "KRW": "₩", "INR": "₹", "THB": "฿", "VND": "₫", "PHP": "₱", "MOP": "MOP$",
}  # fmt: skip

DAY_FORMATS = {"en": "j M Y", "zh-hans": "Y年n月j日"}
MONTH_DAY_FORMATS = {"en": "j M", "zh-hans": "n月j日"}
MONTH_FORMATS = {"en": "M Y", "zh-hans": "Y年n月"}
SHORT_MONTH_FORMATS = {"en": "M y", "zh-hans": "y年n月"}


def count(value: int | None) -> str:
    """Thousands in groups of three, as both languages write them in business."""
    return NOTHING if value is None else f"{value:,}"


def percent(rate: float | None, digits: int = 1) -> str:
    """0.42 → "42.0 %"; Chinese sets no space."""
    if rate is None:
        return NOTHING
    return f"{rate * 100:.{digits}f}{percent_sign()}"


def percent_sign() -> str:
    return "%" if _language().startswith("zh") else f"{NBSP}%"


def signed_percent(rate: float) -> str:
    """A change as a part of what it is a change of: 0.042 → "+4.2 %"."""
    text = percent(abs(rate))
    return text if round(abs(rate), 3) == 0 else f"{MINUS if rate < 0 else '+'}{text}"


def interval(bounds: tuple[float, float] | None) -> str:
    """(0.407, 0.433) → "40.7–43.3", in percent."""
    return NOTHING if bounds is None else f"{bounds[0] * 100:.1f}–{bounds[1] * 100:.1f}"


def from_to(low: str, high: str) -> str:
    """An interval of values that have signs."""
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def points(difference: float | None) -> str:
    """A difference of rates, in percentage points with its sign: 0.049 → "+4.9"."""
    if difference is None:
        return NOTHING
    text = f"{abs(difference) * 100:.1f}"
    if float(text) == 0:
        return text
    return f"{MINUS if difference < 0 else '+'}{text}"


def signed_count(difference: float | None) -> str:
    """A difference of counts with its sign: 1200 → "+1,200"."""
    if difference is None:
        return NOTHING
    whole = round(difference)
    return f"{MINUS if whole < 0 else '+' if whole > 0 else ''}{abs(whole):,}"


def p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def money(amount: Decimal | None) -> str:
    if amount is None:
        return NOTHING
    return f"{MINUS if amount < 0 else ''}{abs(amount):,.2f}"


def amount(hundredths: float | None, currency: str, digits: int = 2) -> str:
    """123450 → "¥1,234.50"; "CHF 1,234.50" where a currency has no sign of its own."""
    if hundredths is None:
        return NOTHING
    text = f"{abs(hundredths) / 100:,.{digits}f}"
    sign = MINUS if hundredths < 0 and float(text.replace(",", "")) else ""
    return f"{sign}{SIGNS.get(currency, currency + NBSP)}{text}"


def day(value: date | datetime | None) -> str:
    return NOTHING if value is None else date_format(value, DAY_FORMATS.get(_language(), DAY_FORMATS["en"]))


def days(first: date, last: date) -> str:
    """1–29 Nov 2026, 1 Oct – 29 Nov 2026: what both share is said once."""
    texts = {
        "en": (("j", "j M Y", "–"), ("j M", "j M Y", " – "), ("j M Y", "j M Y", " – ")),
        "zh-hans": (("Y年n月j日", "j日", "–"), ("Y年n月j日", "n月j日", "–"), ("Y年n月j日", "Y年n月j日", "–")),
    }
    shared = 0 if (first.year, first.month) == (last.year, last.month) else 1 if first.year == last.year else 2
    begin, end, between = texts.get(_language(), texts["en"])[shared]
    return f"{date_format(first, begin)}{between}{date_format(last, end)}"


def month_day(value: str) -> str:
    """Of 05-12."""
    day_in_leap_year = date.fromisoformat(f"2000-{value}")
    return date_format(day_in_leap_year, MONTH_DAY_FORMATS.get(_language(), MONTH_DAY_FORMATS["en"]))


def month(value: date) -> str:
    return date_format(value, MONTH_FORMATS.get(_language(), MONTH_FORMATS["en"]))


def short_month(value: date) -> str:
    """For the axes of charts."""
    return date_format(value, SHORT_MONTH_FORMATS.get(_language(), SHORT_MONTH_FORMATS["en"]))


def _language() -> str:
    return get_language() or "en"
