"""What Revisit costs a month, in one place. Whole units of the currency, without tax."""

from collections.abc import Mapping
from dataclasses import dataclass

# ISO 4217, with how people write it.
CURRENCIES: Mapping[str, str] = {"CNY": "¥", "USD": "$", "EUR": "€"}
MOST_STORES = 1000


@dataclass(frozen=True)
class Step:
    """The price of each store up to and including number `through`; None: of all further ones."""

    through: int | None
    a_store: Mapping[str, int]


SOLO: Mapping[str, int] = {"CNY": 99, "USD": 19, "EUR": 19}
CHAIN = (
    Step(10, {"CNY": 199, "USD": 39, "EUR": 35}),
    Step(50, {"CNY": 149, "USD": 29, "EUR": 27}),
    Step(None, {"CNY": 99, "USD": 19, "EUR": 17}),
)


def month_of(stores: int, currency: str) -> int:
    """What a chain of so many stores pays a month: each store at the price of the step its number falls in."""
    if stores == 1:
        return SOLO[currency]
    total, before = 0, 0
    for step in CHAIN:
        through = stores if step.through is None else min(stores, step.through)
        total += max(0, through - before) * step.a_store[currency]
        before = through
    return total
