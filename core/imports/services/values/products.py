"""Amounts of prices and quantities, as COPY takes them."""

from decimal import ROUND_HALF_UP, Decimal

from core.imports.services.values.amounts import LARGEST_AMOUNT
from core.imports.services.values.memo import NULL, REMEMBERED

_CENT = Decimal("0.01")


class Products(dict[tuple[str, str], str]):
    """(price, quantity) → the amount; each pair is multiplied once. NULL where one of them is, or it is too large."""

    def __missing__(self, pair: tuple[str, str]) -> str:
        if NULL in pair:
            return NULL
        amount = (Decimal(pair[0]) * Decimal(pair[1])).quantize(_CENT, ROUND_HALF_UP)
        product = f"{amount:f}" if abs(amount) < LARGEST_AMOUNT else NULL
        if len(self) < REMEMBERED:
            self[pair] = product
        return product
