"""A receipt's total that stands on each of its lines."""

from collections import defaultdict

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.headings import normal_heading
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.memo import shortened

KEY, ONCE, EACH = "amount:repeated", "once", "each"
# So many receipts with several lines have to look so.
ENOUGH = 2


# Headings of the amounts of whole receipts.
_OF_RECEIPTS = {
    *(
        "订单金额",
        "订单总额",
        "订单实收",
        "单据金额",
        "合计",
        "合计金额",
        "总金额",
        "总价",
        "合計",
        "合計金額",
        "ordertotal",
    ),
    *(
        "invoicetotal",
        "receipttotal",
        "grandtotal",
        "transactiontotal",
        "total",
        "totalamount",
        "gesamtbetrag",
        "gesamt",
    ),
}


class RepeatedTotals:
    """Recognised in the first rows: all lines of each receipt have one amount, though their items differ, and an item
    has other amounts on other receipts."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._looked = False
        self._taken: str | None = None

    def look(self, chunk: Chunk) -> None:
        items = chunk.cells.get("item") or chunk.cells.get("service_code")
        if self._looked or not len(chunk) or items is None or not {"visit_ref", "amount"} <= chunk.cells.keys():
            return
        self._looked = True
        stores = chunk.cells.get("store_code", [""] * len(chunk))
        receipts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for store, ref, item, amount in zip(
            stores, chunk.cells["visit_ref"], items, chunk.cells["amount"], strict=True
        ):
            if ref.strip():
                receipts[store, ref].append((item, amount))
        several = {ref: lines for (_store, ref), lines in receipts.items() if len(lines) > 1}
        if not several or not all(map(_is_repeated, several.values())):
            return
        says_total = normal_heading(chunk.columns.heading_of("amount")) in _OF_RECEIPTS
        if says_total or (len(several) >= ENOUGH and _is_no_price(list(several.values()))):
            self._ask(several)

    def settle(self, cursor: CursorWrapper) -> None:
        if self._taken == ONCE:
            cursor.execute(
                "UPDATE import_line l SET amount = 0 FROM (SELECT ctid, row_number() OVER "
                "(PARTITION BY key ORDER BY line, ctid) AS place FROM import_line WHERE NOT bad) AS placed "
                "WHERE l.ctid = placed.ctid AND placed.place > 1"
            )

    def _ask(self, several: dict[str, list[tuple[str, str]]]) -> None:
        examples = [
            f"{shortened(ref)}: {', '.join(f'{shortened(item)} {amount}' for item, amount in lines[:3])}"
            for ref, lines in list(several.items())[:3]
        ]
        self._taken = self._questions.ask(
            Question(
                KEY,
                _("All lines of a receipt have the same amount. Is it the total of the receipt?"),
                (
                    Choice(ONCE, _("the total: count it once a receipt")),
                    Choice(EACH, _("no: each line has this amount of its own")),
                ),
                proposed=ONCE,
                rows=sum(map(len, several.values())),
                examples=tuple(examples),
                effect=_("Revenue would be counted once for each line of a receipt."),
            )
        )


def _is_repeated(lines: list[tuple[str, str]]) -> bool:
    items, amounts = zip(*lines, strict=True)
    return len(set(amounts)) == 1 and len(set(items)) > 1 and bool(amounts[0].strip("0., "))


def _is_no_price(receipts: list[list[tuple[str, str]]]) -> bool:
    amounts: dict[str, set[str]] = defaultdict(set)
    for lines in receipts:
        for item, amount in lines:
            amounts[item].add(amount)
    return any(len(of_item) > 1 for of_item in amounts.values()) or (
        len(receipts) > ENOUGH and len({lines[0][1] for lines in receipts}) > 1
    )
