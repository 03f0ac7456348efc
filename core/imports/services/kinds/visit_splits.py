"""Several services in one cell: `Cut; Colour`, `剪发x1、护理x1`. Whether it is split, and how the amount, is asked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.codes import folded_name
from core.imports.services.values.memo import NULL, REMEMBERED, shortened

WHOLE, FIRST, EQUAL, LIST_PRICE = "whole", "first", "equal", "list_price"
KEY = "items:several"
# These part services wherever they stand; the others only where all parts are services of their own.
_ALWAYS = re.compile(r"\s{0,9}[;；、\r\n]{1,9}\s{0,9}")
_PERHAPS = re.compile(r"\s{0,9}[+＋,，/／&＆|｜]\s{0,9}")
_PLUS = re.compile(r"[+＋|｜]")
_COUNT = re.compile(r"(?<![A-Za-z])\s{0,9}[x×X*＊]\s{0,9}\d{1,3}$")
_CENT = Decimal("0.01")


class _Parts(dict[str, tuple[str, ...]]):
    """Cell → the services it names."""

    def __init__(self, find: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._find = find
        self.several: set[str] = set()

    def __missing__(self, cell: str) -> tuple[str, ...]:
        parts = self._find(cell.strip())
        if len(self) < REMEMBERED:
            self[cell] = parts
            if len(parts) > 1:
                self.several.add(cell)
        return parts


class Splits:
    def __init__(self, questions: Questions, services: Mapping[str, int], field: str = "item") -> None:
        """`services` are the names of what is known, folded. In a field other than the item no amount is split."""
        self._field = field
        self._questions, self._services = questions, services
        self._alone: set[str] | None = None
        self._parts = _Parts(self._find_parts)
        self._rows = 0
        self._rule = questions.answers.get(KEY)
        # Of the chunk at hand: where the lines of one row begin, and how many they are.
        self.groups: list[tuple[int, int]] = []

    def split(self, chunk: Chunk) -> Chunk:
        self.groups = []
        if self._field not in chunk.cells:
            return chunk
        items = chunk.cells[self._field]
        if self._alone is None:
            self._alone = set(map(str.strip, items))
        parts = list(map(self._parts.__getitem__, items))
        if self._parts.several:
            several = sum(map(self._parts.several.__contains__, items))
            if several and not self._rows:
                self._ask()
            self._rows += several
        return chunk if self._rule in {None, WHOLE} else self._expanded(chunk, parts)

    def conclude(self) -> None:
        if self._rows:
            self._ask()

    def share(self, money: list[str], services: Sequence[str], prices: Mapping[str, str]) -> None:
        """Parts the amounts of rows with several services, of which each line has the whole so far."""
        for start, lines in self.groups:
            if money[start] == NULL:
                continue
            amount = Decimal(money[start])
            weights = self._weights(services[start : start + lines], prices)
            shares = [(amount * weight).quantize(_CENT, ROUND_DOWN) for weight in weights]
            shares[0] += amount - sum(shares)
            money[start : start + lines] = [f"{share:f}" for share in shares]

    def _weights(self, services: Sequence[str], prices: Mapping[str, str]) -> list[Decimal]:
        if self._rule == EQUAL:
            return [1 / Decimal(len(services))] * len(services)
        of = [Decimal(prices.get(service, "0")) for service in services] if self._rule == LIST_PRICE else []
        total = sum(of, Decimal(0))
        return [price / total for price in of] if total else [Decimal(1), *[Decimal(0)] * (len(services) - 1)]

    def _find_parts(self, text: str) -> tuple[str, ...]:
        if folded_name(text) in self._services:
            return (text,)
        parts = tuple(filter(None, map(_without_count, _ALWAYS.split(text))))
        if len(parts) > 1:
            return parts
        perhaps = tuple(filter(None, map(_without_count, _PERHAPS.split(text))))
        known = [folded_name(part) in self._services or part in (self._alone or ()) for part in perhaps]
        # Nobody calls one service Cut + Colour if there is a Cut.
        if len(perhaps) > 1 and (all(known) or (any(known) and _PLUS.search(text))):
            return perhaps
        return (_without_count(text),)

    def _expanded(self, chunk: Chunk, parts: Sequence[tuple[str, ...]]) -> Chunk:
        names: list[str] = []
        indexes: list[int] = []
        for index, one in enumerate(parts):
            if len(one) > 1:
                self.groups.append((len(names), len(one)))
            names.extend(one)
            indexes.extend([index] * len(one))
        expanded = chunk.picked(indexes)
        return replace(expanded, cells={**expanded.cells, self._field: names})

    def _ask(self) -> str | None:
        several = sorted(self._parts.several)[:3]
        examples = [f"{shortened(cell)} → {' | '.join(map(shortened, self._parts[cell]))}" for cell in several]
        whole = Choice(WHOLE, _("no: each cell is one service"))
        choices: tuple[Choice, ...] = (
            Choice(FIRST, _("split; the first has the amount, the others 0")),
            Choice(EQUAL, _("split; each has an equal part of the amount")),
            Choice(LIST_PRICE, _("split; each has its part by the prices of the catalogue")),
        )
        effect = _("Visits and clients are the same either way; services and categories are not.")
        if self._field != "item":
            choices, effect = (Choice(FIRST, _("split; the first has the duration")),), ""
        return self._questions.ask(
            Question(
                KEY,
                _("Some cells name several services. Are they to be split?"),
                (*choices, whole),
                proposed=FIRST,
                rows=self._rows,
                examples=tuple(examples),
                effect=effect,
            )
        )


def _without_count(part: str) -> str:
    return _COUNT.sub("", part.strip()).strip()
