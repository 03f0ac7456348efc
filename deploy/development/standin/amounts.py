"""Amounts of prices, in integers of the smallest unit."""

from dataclasses import dataclass

from deploy.development.standin.object_fields import Json


@dataclass(frozen=True)
class Part:
    """So many units at one price; `first` and `last` say which, where a price has tiers."""

    quantity: int
    unit_amount: int
    amount: int
    first: int = 1
    last: int | None = None


def parts(price: Json, quantity: int) -> list[Part]:
    """One for each tier that the quantity reaches (graduated), or the only one (volume, per unit)."""
    if price["billing_scheme"] != "tiered":
        return [Part(quantity, price["unit_amount"], quantity * price["unit_amount"])]
    if price["tiers_mode"] == "volume":
        tier = next(tier for tier in price["_tiers"] if tier["up_to"] is None or quantity <= tier["up_to"])
        unit, flat = tier["unit_amount"] or 0, tier["flat_amount"] or 0
        return [Part(quantity, unit, quantity * unit + flat)]
    return _graduated(price["_tiers"], quantity)


def _graduated(tiers: list[Json], quantity: int) -> list[Part]:
    found: list[Part] = []
    before = 0
    for tier in tiers:
        last = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        units, unit, flat = last - before, tier["unit_amount"] or 0, tier["flat_amount"] or 0
        if units > 0 or (not found and quantity == 0):
            found.append(Part(units, unit, units * unit + flat, before + 1, tier["up_to"]))
        before = max(before, last)
    return found


def amount(price: Json, quantity: int) -> int:
    return sum(part.amount for part in parts(price, quantity))


def share(whole: int, numerator: int, denominator: int) -> int:
    """whole × numerator ÷ denominator, halves away from zero. Exact: no floats."""
    sign = -1 if whole < 0 else 1
    return sign * ((2 * abs(whole) * numerator + denominator) // (2 * denominator))


def money(value: int, currency: str) -> str:
    """For people."""
    sign = "-" if value < 0 else ""
    marks = {"cny": "¥", "usd": "$", "eur": "€"}
    text = f"{abs(value) // 100:,}.{abs(value) % 100:02d}"
    return f"{sign}{marks.get(currency, '')}{text}" + ("" if currency in marks else f" {currency.upper()}")
