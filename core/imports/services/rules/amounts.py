"""How a column writes its amounts: its decimal sign, the currency it names, and a dash behind a number."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.amounts import (
    AmountRules,
    WrittenAmount,
    amount_of,
    decimal_separator,
    proven_decimal,
    written_amount,
)
from core.imports.services.values.memo import BadCellError, shortened
from core.imports.services.values.numbers import UndecidedNumberError
from core.shared.currencies import NO_DECIMALS, THREE_DECIMALS, currencies_of, decimal_mark
from core.shared.figures import money

EXAMPLES = 3
SAME, OWN = "same", "own"
MINUS, WHOLE = "minus", "whole"
MARKS = (".", ",")
IN_UNITS, AS_WRITTEN = "unit", "as_written"
LONGEST_HEADING = 200
_UNITS = {
    **dict.fromkeys(("分", "cent", "cents", "¢"), Decimal("0.01")),
    **dict.fromkeys(("角",), Decimal("0.1")),
    **dict.fromkeys(("百元", "hundreds"), Decimal(100)),
    **dict.fromkeys(("千", "千元", "千円", "천원", "k", "thousand", "thousands", "tsd", "tsd.", "000"), Decimal(1000)),
    **dict.fromkeys(("万", "万元", "万円", "萬", "萬元", "만원"), Decimal(10_000)),
}
_UNIT = re.compile(
    rf"[(\[](?:in |单位[::]?|單位[::]?)?({'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})[)\]]\Z"
)


class ColumnAmounts:
    """Decides when a cell asks, and shows what it decided."""

    def __init__(
        self, questions: Questions, name: str, heading: str, texts: Callable[[], Counter[str]], currency: str
    ) -> None:
        self._questions, self._name, self._heading = questions, name, heading
        self._texts, self._currency = texts, currency
        # The words met so far, each with its first cell, and the currencies that all of them can be.
        self._words: dict[str, str] = {}
        self._possible: set[str] | None = None
        self._shared: dict[str, bool] = {}

    @property
    def rules(self) -> AmountRules:
        return AmountRules(self._decimal, self._reads_over, self._dash_is_minus, self._unit())

    def _unit(self) -> Decimal:
        """Of a heading such as 金额(万元): what its numbers are counted in."""
        said = _UNIT.search(unicodedata.normalize("NFKC", self._heading[-LONGEST_HEADING:]).casefold())
        unit = _UNITS[said[1]] if said else Decimal(1)
        if not said:
            return unit
        sample = _("“%(text)s” is %(value)s")
        question = Question(
            f"unit:{self._name}",
            _("The heading “%s” names a unit. Are its numbers counted in it?") % self._heading,
            (
                Choice(IN_UNITS, _("yes: %s") % (sample % {"text": "100", "value": _exact(100 * unit)})),
                Choice(AS_WRITTEN, _("no: %s") % (sample % {"text": "100", "value": "100"})),
            ),
            proposed=IN_UNITS,
            effect=_("All amounts of the column depend on it."),
        )
        return unit if self._questions.ask(question) == IN_UNITS else Decimal(1)

    def _decimal(self) -> str | None:
        texts = self._texts()
        undecided = {text: rows for text, rows in texts.items() if _is_undecided(text)}
        sample = next(iter(undecided))
        proven = any(map(proven_decimal, texts))
        taken, reason = self._decided(texts, sample)
        choices = tuple(Choice(mark, _reading(sample, mark)) for mark in MARKS)
        question = Question(
            f"decimal:{self._name}",
            _("Which amounts are meant in “%s”?") % self._heading,
            choices,
            taken,
            reason=reason,
            rows=sum(undecided.values()),
            examples=tuple(undecided)[:EXAMPLES],
        )
        answer = self._questions.ask(question) or MARKS[0]
        # Of a currency without decimals both signs part thousands, in one column too.
        return "" if answer == taken and not proven and self._currency in NO_DECIMALS else answer

    def _decided(self, texts: Counter[str], sample: str) -> tuple[str | None, str]:
        mark = decimal_separator(texts)
        if mark:
            proof = next(text for text in texts if proven_decimal(text) == mark)
            return mark, _("“%s” shows it.") % shortened(proof)
        if any(map(proven_decimal, texts)):
            return None, ""
        sign = "." if "." in written_amount(sample).digits else ","
        usual = decimal_mark(self._currency)
        if self._currency in THREE_DECIMALS:
            return (sign, _("Amounts in %s have three decimals.") % self._currency) if sign == usual else (None, "")
        other = "," if sign == "." else "."
        if self._currency in NO_DECIMALS:
            return other, _("Amounts in %s have no decimals.") % self._currency
        if other == usual:
            return other, _("Amounts in %s have no three decimals.") % self._currency
        return None, ""

    def _reads_over(self, word: str, cell: str) -> bool:
        codes = currencies_of(word)
        if not codes and not self._is_shared(word):
            return False
        self._words.setdefault(word, cell)
        codes = codes or {word}
        self._possible = codes if self._possible is None else self._possible & codes
        if self._currency in self._possible:
            return True
        return self._same_currency() or self._currency in codes

    def _is_shared(self, word: str) -> bool:
        """Whether all amounts of the column have the word."""
        if word not in self._shared:
            written = filter(None, map(_written, self._texts()))
            self._shared[word] = all(word in amount.words for amount in written)
        return self._shared[word]

    def _same_currency(self) -> bool:
        values = {"heading": self._heading, "words": ", ".join(self._words), "currency": self._currency}
        unknown = [word for word in self._words if not currencies_of(word)]
        is_open = not self._possible or bool(unknown)
        question = Question(
            f"currency:{self._name}",
            _("The amounts of “%(heading)s” name %(words)s. Do they count as %(currency)s?") % values,
            (
                Choice(SAME, _("yes, as they stand: nothing is converted")),
                Choice(OWN, _("no: rows that name another currency than %s are errors") % self._currency),
            ),
            None if is_open else SAME,
            reason="" if is_open else _("The column names one currency alone."),
            examples=tuple(map(shortened, self._words.values()))[:EXAMPLES],
        )
        return self._questions.ask(question) != OWN

    def _dash_is_minus(self) -> bool:
        texts = self._texts()
        written = {text: found for text in texts if (found := _written(text))}
        dashed = [text for text, found in written.items() if found.dashed]
        sample = dashed[0]
        taken, reason = None, ""
        if any(not found.dashed and text.strip().endswith("-") and found.negative for text, found in written.items()):
            taken, reason = MINUS, _("Other amounts of the column have cents and a minus behind them.")
        elif all(found.dashed or not found.digits.strip("0.,") for found in written.values()) and len(dashed) > 1:
            taken, reason = WHOLE, _("All amounts of the column end so.")
        elif self._currency == "JPY" and all(written[text].words for text in dashed):
            taken, reason = WHOLE, _("In Japan a dash closes an amount: ￥10,000-.")
        value = amount_of(written[sample], sample, "")
        question = Question(
            f"dash:{self._name}",
            _("What does the dash behind amounts of “%s” mean?") % self._heading,
            (
                Choice(WHOLE, _("no cents: “%(text)s” is %(value)s") % {"text": sample, "value": money(value)}),
                Choice(MINUS, _("a return: “%(text)s” is %(value)s") % {"text": sample, "value": money(-value)}),
            ),
            taken,
            reason=reason,
            rows=sum(texts[text] for text in dashed),
            examples=tuple(dashed[:EXAMPLES]),
        )
        return self._questions.ask(question) == MINUS


def _written(text: str) -> WrittenAmount | None:
    try:
        return written_amount(text) if text.strip() else None
    except BadCellError:
        return None


def _is_undecided(text: str) -> bool:
    try:
        written = written_amount(text)
        amount_of(written, text, written.mark)
    except UndecidedNumberError:
        return True
    except BadCellError:
        pass
    return False


def _reading(text: str, mark: str) -> str:
    value = amount_of(written_amount(text), text, mark)
    return _("“%(text)s” is %(value)s") % {"text": shortened(text), "value": _exact(value)}


def _exact(value: Decimal) -> str:
    return f"{value.normalize():,f}" if value != value.to_integral_value() else f"{value:,.0f}"
