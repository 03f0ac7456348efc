"""Tips, taxes, refunds and discounts in columns beside the amount: whether the amount has them in it."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.headings import normal_heading
from core.imports.services.questions import Choice, Question
from core.imports.services.values.amounts import amounts
from core.imports.services.values.memo import NULL, Memo

TAKE_OFF, LEAVE = "take_off", "leave"
_CENT = Decimal("0.01")
# Headings that say that nothing of the kind is in the amount, and those of amounts before discounts.
_NET = {
    *("net", "netsales", "netamount", "nettotal", "netprice", "netrevenue", "netvalue", "netto", "nettobetrag"),
    *("montantnet", "净额", "subtotal", "price", "saleprice", "serviceprice", "appointmentprice", "itemprice"),
    *("折后价", "折后金额", "成交价", "prix", "preis", "小计"),
}
_GROSS = {"gross", "grosssales", "grossamount", "grosstotal", "原价", "应收", "应收金额", "应付", "应付金额"}
# What is in a heading of amounts with tax; a mere “Amount” beside a tax is without.
_WITH_TAX = ("paid", "gross", "brutto", "incl", "charge", "含税", "税込", "实付", "付款", "ttc")
# 8折 is a fifth less, 85折 three twentieths.
_ZHE = re.compile(r"\s?(\d(?:\.\d)?|\d\d)\s?折\s?", re.ASCII)


class AmountParts:
    """Asked where the first of them is not 0; until then, and where nothing is to be taken off, amounts stay."""

    def __init__(self, context: ImportContext) -> None:
        self._questions, self._columns = context.questions, context.columns
        self._readers = {name: amounts(context.amount_rules(name)) for name in _relevant(context)}

    def take_off(self, chunk: Chunk, money: list[str]) -> list[str]:
        for name, reader in self._readers.items():
            parts = self._parts(chunk, name, reader, money)
            if any(part.strip("-0.") for part in parts) and self._is_in(name):
                money = [
                    amount if NULL in (amount, part) else f"{Decimal(amount) - Decimal(part):f}"
                    for amount, part in zip(money, parts, strict=True)
                ]
        return money

    @staticmethod
    def _parts(chunk: Chunk, name: str, reader: Memo, money: list[str]) -> list[str]:
        cells = chunk.cells[name]
        rates = [_rate_off(cell) for cell in cells] if name == "discount" else [None] * len(cells)
        parts = reader.read(["" if rate is not None else cell for cell, rate in zip(cells, rates, strict=True)])
        chunk.flag(name, reader.problems)
        # Some tills write a discount with a minus.
        sign = "-" if name == "discount" else ""
        return [
            _share(amount, rate) if rate is not None else "0" if part == NULL else part.removeprefix(sign)
            for part, amount, rate in zip(parts, money, rates, strict=True)
        ]

    def _is_in(self, name: str) -> bool:
        amount = "amount" if "amount" in self._columns.by_field else "unit_price"
        values = {"part": self._columns.heading_of(name), "amount": self._columns.heading_of(amount)}
        texts = {
            "tip": _("Are the tips of “%(part)s” in “%(amount)s”?"),
            "tax": _("Are the taxes of “%(part)s” in “%(amount)s”?"),
            "refund": _("Is what was given back by “%(part)s” still in “%(amount)s”?"),
            "discount": _("Are the discounts of “%(part)s” still to be taken off “%(amount)s”?"),
        }
        question = Question(
            f"parts:{name}",
            texts[name] % values,
            (
                Choice(TAKE_OFF, _("yes: take them off, row by row")),
                Choice(LEAVE, _("no: the amounts count as they stand")),
            ),
            proposed=TAKE_OFF,
            effect=_(
                "Revenue is what the services and products brought in; visits and clients are the same either way."
            ),
        )
        return self._questions.ask(question) == TAKE_OFF


def _rate_off(cell: str) -> Decimal | None:
    match = _ZHE.fullmatch(cell)
    return 1 - Decimal(match[1]) / (100 if len(match[1]) == 2 else 10) if match else None


def _share(amount: str, rate: Decimal) -> str:
    return "0" if amount == NULL else f"{(Decimal(amount) * rate).quantize(_CENT, ROUND_HALF_UP):f}"


def _relevant(context: ImportContext) -> Iterator[str]:
    columns = context.columns
    is_total = context.has("amount")
    heading = normal_heading(columns.heading_of("amount")) if is_total else ""
    if is_total and context.has("refund"):
        yield "refund"
    if is_total and context.has("tip") and heading not in _NET:
        yield "tip"
    if is_total and context.has("tax") and any(word in heading for word in _WITH_TAX):
        yield "tax"
    if context.has("discount") and (heading in _GROSS if is_total else context.has("unit_price")):
        yield "discount"
