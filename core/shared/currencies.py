"""Currencies: their codes, what amounts carry as their signs and words, and how they write numbers."""

# ISO 4217.
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
# What amounts carry, in capitals and without a point behind it, by the currencies it can mean.
_WORDS = {
    "USD CAD AUD NZD SGD HKD TWD MXN BRL ARS CLP COP BND FJD JMD TTD BBD BSD XCD NAD": "$ DOLLAR DOLLARS",
    "CNY JPY": "¥",
    "CNY TWD HKD MOP SGD": "元 圓",
    "CNY": "RMB 人民币 人民幣 块 圆 YUAN",
    "JPY": "円 日元",
    "USD": "US$ USD$ 美元 美金",
    "HKD": "HK$ 港币 港元 港幣",
    "TWD": "NT$ NT NTD 台币 新台币 新台幣",
    "SEK NOK DKK ISK": "KR",
    "INR PKR LKR NPR MUR": "RS",
    "AED MAD": "DH DHS د.إ",
    "AUD": "A$ AU$", "CAD": "C$ CA$", "SGD": "S$ SG$", "NZD": "NZ$", "BRL": "R$", "MXN": "MX$", "MOP": "MOP$",
    "GBP": "£", "EUR": "€ EURO EUROS 欧元", "KRW": "₩ 원", "INR": "₹", "THB": "฿ บาท", "VND": "₫ Đ", "PHP": "₱",
    "TRY": "₺ TL", "RUB": "₽ Р РУБ", "UAH": "₴ ГРН", "ILS": "₪", "NGN": "₦", "KZT": "₸", "GEL": "₾", "BGN": "ЛВ",
    "PLN": "ZŁ ZL", "CZK": "KČ KC", "HUF": "FT", "RON": "LEI LEU", "RSD": "DIN", "CHF": "FR SFR", "PEN": "S",
    "MYR": "RM", "IDR": "RP", "KWD": "KD K.D د.ك", "BHD": "BD", "OMR": "RO", "TND": "DT", "JOD": "JD", "SAR": "SR",
    "QAR": "QR", "ZAR": "R", "KES": "KSH", "TZS": "TSH", "UGX": "USH",
}  # fmt: skip
THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
NO_DECIMALS = {"BIF", "CLP", "GNF", "IDR", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XOF", "XPF"}
# Where the decimal sign is a point, and where a comma; those of several countries that differ are in neither.
_POINT = (
    "CNY HKD MOP TWD SGD MYR THB JPY KRW PHP INR PKR LKR BDT NPR USD CAD AUD NZD GBP ILS MXN NGN KES GHS UGX TZS EGP "
    "AED SAR QAR KWD BHD OMR JOD IQD"
)
_COMMA = "CZK PLN HUF SEK NOK DKK ISK RON BGN TRY RUB UAH BRL ARS CLP COP PYG IDR VND RSD KZT BYN MKD BAM"


def _by_word() -> dict[str, set[str]]:
    found = {code: {code} for code in _CODES.split()}
    for codes, words in _WORDS.items():
        for word in words.split():
            found.setdefault(word, set()).update(codes.split())
    return found


_BY_WORD = _by_word()


def currencies_of(word: str) -> set[str]:
    """That a sign, a word or a code can mean; none where it means none."""
    return _BY_WORD.get(word.rstrip("."), set())


def decimal_mark(currency: str) -> str | None:
    """What people who pay in it put before the cents."""
    return "." if currency in _POINT.split() else "," if currency in _COMMA.split() else None
