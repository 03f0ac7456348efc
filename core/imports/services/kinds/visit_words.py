"""Columns whose words say what a row of a visits file is: its status, how it was paid, and items that are no visit.
Each word is decided once, by the dictionary of words or by the user."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.memo import REMEMBERED, shortened
from core.imports.services.values.texts import NO, YES
from core.imports.services.words import (
    folded,
    meaning_of_item,
    meaning_of_payment,
    meaning_of_status,
    without_numbers,
)

COUNTS, LEAVE_OUT, REFUND, CARD, MONEY, CARD_SALE = "counts", "leave_out", "refund", "card", "money", "card_sale"
OTHERS = "others"
_LETTER = re.compile(r"[^\W\d_]")
# A column with more unknown words than these is no column of such words: they are asked about as one.
MOST_UNKNOWN = 30
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Topic:
    """A kind of column; `rule` gives a word's choice, "" for one that is not to be asked about, or None."""

    name: str
    rule: Callable[[str], str | None]
    # What the words are taken for until they are decided, and what the word of a question is called by.
    otherwise: str
    group: Callable[[str], str]
    text: str
    reason: str
    choices: tuple[Choice, ...]


class Words(dict[str, str]):
    """Cell → choice."""

    def __init__(self, topic: Topic, questions: Questions) -> None:
        super().__init__()
        self._topic, self._questions = topic, questions
        # By what names a question: the words it is about, and how often each cell was there.
        self._words: dict[str, list[str]] = {}
        self._unknown: set[str] = set()
        self._rows: Counter[str] = Counter()

    def read(self, cells: Sequence[str]) -> list[str]:
        if len(self._rows) < MOST_COUNTED:
            self._rows.update(cells)
        return list(map(self.__getitem__, cells))

    def __missing__(self, cell: str) -> str:
        word = cell.strip()
        rule = self._topic.rule(word) if word else ""
        choice = self._topic.otherwise if rule == "" else self._ask(word, rule)
        if len(self) < REMEMBERED:
            self[cell] = choice
        return choice

    def conclude(self) -> None:
        """Asks once more, now that the rows are counted."""
        by_name: Counter[str] = Counter()
        for cell, rows in self._rows.items():
            by_name[self._topic.group(cell.strip())] += rows
        for name, words in self._words.items():
            rows = sum(by_name[other] for other in self._unknown) if name == OTHERS else by_name[name]
            self._put(name, self._topic.rule(words[0]), rows)

    def _ask(self, word: str, rule: str | None) -> str:
        name = self._topic.group(word)
        if rule is None and name not in self._words:
            self._unknown.add(name)
            if len(self._unknown) > MOST_UNKNOWN:
                name = OTHERS
        words = self._words.setdefault(name, [])
        if len(words) < 3 and word not in words:
            words.append(word)
        return self._put(name, rule, 0) or self._topic.otherwise

    def _put(self, name: str, rule: str | None, rows: int) -> str | None:
        topic, words = self._topic, self._words[name]
        shown = shortened(words[0]) if name == topic.group(words[0]) else _("the other words")
        return self._questions.ask(
            Question(
                f"{topic.name}:{self._key(name)}",
                topic.text % {"word": shown},
                topic.choices,
                taken=rule,
                reason=topic.reason if rule else "",
                rows=rows,
                examples=tuple(map(shortened, words)) if len(words) > 1 or name != words[0] else (),
            )
        )

    def _key(self, name: str) -> str:
        """The word as it was first written, so that the key reads as the file does; without the amounts that another
        file has others of."""
        word = self._words[name][0]
        if name == OTHERS or self._topic.name == "items" or any(map(str.isdecimal, word)):
            return shortened(name, 60)
        return shortened(word, 60)


def status_words(questions: Questions) -> Words:
    choices = (
        Choice(COUNTS, _("counts")),
        Choice(LEAVE_OUT, _("leave these rows out")),
        Choice(REFUND, _("given back: keep rows below 0 as returns, leave the others out")),
    )
    text, reason = _("Do rows with the status “%(word)s” count?"), _("That is what the word says.")
    return Words(Topic("status", meaning_of_status, COUNTS, folded, text, reason, choices), questions)


def payment_words(questions: Questions) -> Words:
    """Of a column that says how a line was paid, or with yes and no whether it was from a card."""

    def rule(word: str) -> str | None:
        plain = word.casefold()
        return "" if plain in YES or plain in NO or not _LETTER.search(plain) else meaning_of_payment(word)

    choices = (
        Choice(CARD, _("from a course card or stored value: no new purchase")),
        Choice(MONEY, _("with money")),
    )
    text, reason = _("How is “%(word)s” paid?"), _("That is what the word says.")
    return Words(Topic("payment", rule, MONEY, without_numbers, text, reason, choices), questions)


def item_words(questions: Questions) -> Words:
    """Only of items that look like no visit."""
    rules = {"card": CARD_SALE}

    def rule(word: str) -> str | None:
        group = meaning_of_item(word)
        return "" if group is None else rules.get(group, LEAVE_OUT)

    def group(word: str) -> str:
        return meaning_of_item(word) or ""

    choices = (
        Choice(LEAVE_OUT, _("no visit: leave these rows out")),
        Choice(CARD_SALE, _("a card was sold")),
        Choice(COUNTS, _("counts like any other item")),
    )
    text, reason = _("Is an item such as “%(word)s” a visit?"), _("That is what the name of the item says.")
    return Words(Topic("items", rule, COUNTS, group, text, reason, choices), questions)
