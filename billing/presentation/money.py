"""Formats amounts of money."""

from billing.plans import CURRENCIES
from core.shared.figures import MINUS


def amount(hundredths: int, currency: str, *, always_cents: bool = False) -> str:
    """19900 CNY → "¥199", −1250 EUR → "−€12.50"."""
    sign = CURRENCIES.get(currency, f"{currency} ")
    whole, rest = divmod(abs(hundredths), 100)
    return f"{MINUS if hundredths < 0 else ''}{sign}{whole:,}{f'.{rest:02}' if rest or always_cents else ''}"
