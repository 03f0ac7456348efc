"""Which rows of a visits file are lines of a visit at all: what its status, its item and the user say of a row."""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import ngettext

from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds.visit_splits import Splits
from core.imports.services.kinds.visit_words import (
    CARD,
    CARD_SALE,
    COUNTS,
    LEAVE_OUT,
    REFUND,
    item_words,
    payment_words,
    status_words,
)
from core.imports.services.results import Finding
from core.imports.services.values.texts import YES, is_the_case
from core.imports.services.words import meaning_of_status
from core.visits.models import VisitLine

_AMOUNT = re.compile(r"\s?[¥￥$€]?\s?-?\d[\d.,]{0,20}\s?", re.ASCII)
_NO_DIGIT = re.compile(r"[^\d.,]", re.ASCII)
_CENTS = re.compile(r"([\d.,]{0,30}?)(?:[.,](\d{1,2}))?", re.ASCII)
# Columns that say yes or no, and what a yes says of its row.
_FLAGS = {"cancelled": LEAVE_OUT, "refunded": REFUND}


class VisitMeanings:
    def __init__(self, context: ImportContext, splits: Splits) -> None:
        self._context, self._splits = context, splits
        self._status = status_words(context.questions)
        self._items = item_words(context.questions)
        self._payments = payment_words(context.questions)
        self._left_out = self._partly = 0

    def arrange(self, chunk: Chunk) -> Chunk:
        """The rows that count, a row for each service where a cell names several."""
        said = [self._status.read(chunk.cells["status"])] if "status" in chunk.cells else []
        said += [self._flagged(chunk, name, choice) for name, choice in _FLAGS.items() if name in chunk.cells]
        if "item" in chunk.cells:
            items = self._items.read(chunk.cells["item"])
            said.append([LEAVE_OUT if choice == LEAVE_OUT else COUNTS for choice in items])
        left_out = {
            index
            for choices in said
            if choices.count(COUNTS) < len(choices)
            for index, choice in enumerate(choices)
            if not self._counts(chunk, index, choice)
        }
        if left_out:
            self._left_out += len(left_out)
            chunk = chunk.picked([index for index in range(len(chunk)) if index not in left_out])
        return self._splits.split(chunk)

    @staticmethod
    def _flagged(chunk: Chunk, name: str, choice: str) -> list[str]:
        """A word of a status that counts, such as 部分退款, says so here too."""
        cells = chunk.cells[name]
        flags = {cell: is_the_case(cell) and meaning_of_status(cell) != COUNTS for cell in set(cells)}
        return [choice if flags[cell] else COUNTS for cell in cells]

    @staticmethod
    def _counts(chunk: Chunk, index: int, choice: str) -> bool:
        if choice != REFUND:
            return choice == COUNTS
        numbers = (chunk.cells[name][index] for name in ("amount", "quantity", "unit_price") if name in chunk.cells)
        return any(mark in number for number in numbers for mark in "-(−")

    def kinds(self, chunk: Chunk, read: Sequence[str] | None) -> Sequence[str] | None:
        """What kind of line each is; None where all are what a line is by itself."""
        choices = [self._items[item] for item in chunk.cells["item"]] if "item" in chunk.cells else []
        if CARD_SALE not in choices:
            return read
        before = read or [VisitLine.Kind.SERVICE.value] * len(chunk)
        sale = VisitLine.Kind.CARD_SALE.value
        return [sale if choice == CARD_SALE else kind for kind, choice in zip(before, choices, strict=True)]

    def paid_by_card(self, chunk: Chunk) -> list[str] | None:
        self._count_parts(chunk)
        columns = [chunk.cells[name] for name in ("paid_by_card", "payment_method") if name in chunk.cells]
        if not columns:
            return None
        flags = [
            [
                "t" if choice == CARD or cell.strip().casefold() in YES or _is_amount(cell) else "f"
                for cell, choice in zip(cells, self._payments.read(cells), strict=True)
            ]
            for cells in columns
        ]
        if len(flags) == 1:
            return flags[0]
        return ["t" if "t" in pair else "f" for pair in zip(*flags, strict=True)]

    def _count_parts(self, chunk: Chunk) -> None:
        """Rows paid from a card in part: each line is paid in one way."""
        if "paid_by_card" in chunk.cells and "amount" in chunk.cells:
            pairs = zip(chunk.cells["paid_by_card"], chunk.cells["amount"], strict=True)
            self._partly += sum(
                _is_amount(card) and _is_amount(amount) and 0 < _number(card) < _number(amount)
                for card, amount in pairs
            )

    def conclude(self) -> None:
        for words in (self._status, self._items, self._payments):
            words.conclude()
        self._splits.conclude()
        if self._left_out:
            message = ngettext(
                "%d row is no visit and left out.", "%d rows are no visits and left out.", self._left_out
            )
            self._context.findings.append(Finding("note", "no_visit", message % self._left_out, rows=self._left_out))
        if self._partly:
            message = ngettext(
                "%d row was paid from a card in part. All of it counts as paid from the card, none of it as revenue: "
                "split it into a row for each way to pay.",
                "%d rows were paid from a card in part. All of each counts as paid from the card, none of it as "
                "revenue: split them into a row for each way to pay.",
                self._partly,
            )
            finding = Finding("warning", "partly_by_card", message % self._partly, rows=self._partly)
            self._context.findings.append(finding)


def _number(cell: str) -> Decimal:
    """Of an amount, whichever mark stands before its cents."""
    whole, cents = _CENTS.fullmatch(_NO_DIGIT.sub("", cell)).groups("0")  # type: ignore[union-attr]
    return Decimal(f"{whole.replace(',', '').replace('.', '')}.{cents}")


def _is_amount(cell: str) -> bool:
    """What was paid from a card, in a column such as 储值卡支付."""
    return _AMOUNT.fullmatch(cell) is not None and bool(cell.strip("¥￥$€ 0.,-"))
