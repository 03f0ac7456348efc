"""Cells that say who somebody is: several phones in one, phones that hide a part or have lost digits.

The same of every kind of file, so that a phone is one client in whichever it stands.
"""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.questions import Choice, Question
from core.imports.services.results import Finding
from core.imports.services.values.memo import Memo
from core.imports.services.values.numbers import lost_digits

# 138****0001, 王**, 王*; in a client number one asterisk hides nothing: MAF*01.
_HIDDEN = re.compile(r"[\w+() .-]{0,15}[*＊]{1,12}[\w() .*＊-]{0,15}")
_SOME_HIDDEN = re.compile(r"[*＊]{2}|[\u3400-\u9fff][*＊]")
EMPTY, CLIENTS = "empty", "clients"
# 13900001111/13900002222
_SEVERAL_PHONES = re.compile(
    r"\s{0,9}([+(]?\d[\d ()-]{6,20})[/\\,，、;；|]\s{0,9}([+(]?\d[\d ()-]{6,20})(?:[/\\,，、;；|].{0,60})?"
)
_BETWEEN_PHONES = "/\\,，、;；|"
EXAMPLES = 3


class PersonCells:
    """Of one column, which holds numbers, phones or names. `or_name`: who has no phone is told by the name.
    `needed`: rows of nobody do not come in."""

    def __init__(
        self, context: ImportContext, field: str, *, is_phone: bool, is_name: bool, or_name: bool, needed: bool = False
    ) -> None:
        self._context, self._field = context, field
        self._is_phone, self._is_name, self._or_name, self._needed = is_phone, is_name, or_name, needed
        self._whole = Memo(self._of_one_person)
        # Rows with several phones in one cell, and some of these.
        self.several_rows = 0
        self._several: dict[str, None] = {}
        # Whether a phone or name hides a part of itself, as 138****0001 does.
        self.hides = False

    def read(self, cells: Sequence[str]) -> Sequence[str]:
        """As written; empty for what many people have."""
        text = "".join(cells)
        if "*" in text or "＊" in text or (self._is_phone and ("E+" in text.upper() or "#" in text)):
            cells = self._whole.read(cells)
        if not self._is_name and may_be_several(text):
            cells = list(map(self._first_phone, cells))
        return cells

    def _first_phone(self, text: str) -> str:
        """Of several in one cell, which are counted."""
        first = first_phone(text)
        if first != text:
            self.several_rows += 1
            if len(self._several) < EXAMPLES:
                self._several[text.strip()] = None
        return first

    def tell(self) -> None:
        """Once all rows are read."""
        rows = self.several_rows
        if not rows:
            return
        message = ngettext(
            "%d row has several phones in one cell: the first tells who the client is.",
            "%d rows have several phones in one cell: the first tells who the client is.",
            rows,
        )
        effect = _("Somebody who is known by one of the others is another client.")
        column, examples = self._context.columns.heading_of(self._field), tuple(self._several)
        self._context.findings.append(
            Finding(
                "warning", "several_phones", message % rows, None, column, rows=rows, examples=examples, effect=effect
            )
        )

    def _of_one_person(self, text: str) -> str:
        heading = self._context.columns.heading_of(self._field)
        if self._is_phone and lost_digits(text):
            if not self._or_name:
                self._context.questions.ask(self._cut(heading, text))
            return ""
        is_number = not (self._is_phone or self._is_name)
        if not _HIDDEN.fullmatch(text.strip()) or (is_number and not _SOME_HIDDEN.search(text)):
            return text
        self.hides = True
        if self._is_phone and self._or_name:
            return ""
        return text if self._context.questions.ask(self._hidden(heading, text)) == CLIENTS else ""

    def _hidden(self, heading: str, text: str) -> Question:
        message = _("“%(heading)s” hides a part, as in %(example)s: different people can look the same. Who are they?")
        nobody = _("nobody known: the rows count without a client")
        if self._needed:
            nobody = _("nobody known: the rows cannot come in")
        return Question(
            f"hidden:{self._field}",
            message % {"heading": heading, "example": text.strip()},
            (Choice(EMPTY, nobody), Choice(CLIENTS, _("one client each, as written"))),
            proposed=EMPTY,
            examples=(text.strip(),),
            effect=_("People who are taken as one come back more often, and one who is taken as two less often."),
        )

    def _cut(self, heading: str, text: str) -> Question:
        message = _(
            "“%(heading)s” holds phones whose digits a spreadsheet program has cut, such as %(example)s. Export the "
            "file again with this column as text, or bring these rows in without a client."
        )
        empty = _("They are left empty: the rows count without a client or receipt")
        if self._needed:
            empty = _("nobody known: the rows cannot come in")
        return Question(
            f"digits:{self._field}",
            message % {"heading": heading, "example": text.strip()},
            (Choice(EMPTY, empty),),
            examples=(text.strip(),),
        )


def may_be_several(text: str) -> bool:
    return any(sign in text for sign in _BETWEEN_PHONES)


def first_phone(text: str) -> str:
    """Of several phones in one cell the first tells who it is."""
    found = _SEVERAL_PHONES.fullmatch(text)
    return found[1].strip() if found else text


def second_phone(text: str) -> str:
    found = _SEVERAL_PHONES.fullmatch(text)
    return found[2].strip() if found else ""
