"""The countries we serve, and what each brings along: currency, time zone, language, privacy law."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GDPR = "GDPR"


@dataclass(frozen=True)
class Country:
    """`time_zone` is that of most of its people; a store may have another. `privacy` is the law's usual short name."""

    code: str
    name: str | Promise
    currency: str
    time_zone: str
    privacy: str
    language: str = "en"


# ISO 3166 code, name, ISO 4217 currency, IANA time zone, privacy law.
_ALL = (
    Country("CN", _("China"), "CNY", "Asia/Shanghai", "PIPL", "zh-hans"),
    Country("HK", _("Hong Kong"), "HKD", "Asia/Hong_Kong", "PDPO", "zh-hans"),
    Country("MO", _("Macao"), "MOP", "Asia/Macau", "PDPA", "zh-hans"),
    Country("TW", _("Taiwan"), "TWD", "Asia/Taipei", "PDPA", "zh-hans"),
    Country("SG", _("Singapore"), "SGD", "Asia/Singapore", "PDPA"),
    Country("MY", _("Malaysia"), "MYR", "Asia/Kuala_Lumpur", "PDPA"),
    Country("TH", _("Thailand"), "THB", "Asia/Bangkok", "PDPA"),
    Country("JP", _("Japan"), "JPY", "Asia/Tokyo", "APPI"),
    Country("KR", _("South Korea"), "KRW", "Asia/Seoul", "PIPA"),
    Country("AE", _("United Arab Emirates"), "AED", "Asia/Dubai", "PDPL"),
    Country("US", _("United States"), "USD", "America/New_York", "CCPA"),
    Country("CA", _("Canada"), "CAD", "America/Toronto", "PIPEDA"),
    Country("AU", _("Australia"), "AUD", "Australia/Sydney", "Privacy Act"),
    Country("NZ", _("New Zealand"), "NZD", "Pacific/Auckland", "Privacy Act"),
    Country("GB", _("United Kingdom"), "GBP", "Europe/London", "UK GDPR"),
    Country("CH", _("Switzerland"), "CHF", "Europe/Zurich", "FADP"),
    Country("NO", _("Norway"), "NOK", "Europe/Oslo", GDPR),
    Country("IS", _("Iceland"), "ISK", "Atlantic/Reykjavik", GDPR),
    Country("LI", _("Liechtenstein"), "CHF", "Europe/Vaduz", GDPR),
    Country("AT", _("Austria"), "EUR", "Europe/Vienna", GDPR),
    Country("BE", _("Belgium"), "EUR", "Europe/Brussels", GDPR),
    Country("BG", _("Bulgaria"), "EUR", "Europe/Sofia", GDPR),
    Country("HR", _("Croatia"), "EUR", "Europe/Zagreb", GDPR),
    Country("CY", _("Cyprus"), "EUR", "Asia/Nicosia", GDPR),
    Country("CZ", _("Czechia"), "CZK", "Europe/Prague", GDPR),
    Country("DK", _("Denmark"), "DKK", "Europe/Copenhagen", GDPR),
    Country("EE", _("Estonia"), "EUR", "Europe/Tallinn", GDPR),
    Country("FI", _("Finland"), "EUR", "Europe/Helsinki", GDPR),
    Country("FR", _("France"), "EUR", "Europe/Paris", GDPR),
    Country("DE", _("Germany"), "EUR", "Europe/Berlin", GDPR),
    Country("GR", _("Greece"), "EUR", "Europe/Athens", GDPR),
    Country("HU", _("Hungary"), "HUF", "Europe/Budapest", GDPR),
    Country("IE", _("Ireland"), "EUR", "Europe/Dublin", GDPR),
    Country("IT", _("Italy"), "EUR", "Europe/Rome", GDPR),
    Country("LV", _("Latvia"), "EUR", "Europe/Riga", GDPR),
    Country("LT", _("Lithuania"), "EUR", "Europe/Vilnius", GDPR),
    Country("LU", _("Luxembourg"), "EUR", "Europe/Luxembourg", GDPR),
    Country("MT", _("Malta"), "EUR", "Europe/Malta", GDPR),
    Country("NL", _("Netherlands"), "EUR", "Europe/Amsterdam", GDPR),
    Country("PL", _("Poland"), "PLN", "Europe/Warsaw", GDPR),
    Country("PT", _("Portugal"), "EUR", "Europe/Lisbon", GDPR),
    Country("RO", _("Romania"), "RON", "Europe/Bucharest", GDPR),
    Country("SK", _("Slovakia"), "EUR", "Europe/Bratislava", GDPR),
    Country("SI", _("Slovenia"), "EUR", "Europe/Ljubljana", GDPR),
    Country("ES", _("Spain"), "EUR", "Europe/Madrid", GDPR),
    Country("SE", _("Sweden"), "SEK", "Europe/Stockholm", GDPR),
)
COUNTRIES = {country.code: country for country in _ALL}
