"""Which column of a visits file says who a client is, and what the others say of the client."""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clients.services.loading import complete_clients
from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_staging
from core.imports.services.kinds.readers import reader_of
from core.imports.services.questions import Choice, Question
from core.imports.services.results import Finding
from core.imports.services.values.memo import NULL, Memo, Reader, escaped
from core.imports.services.values.numbers import lost_digits
from core.membership import trail
from core.shared.figures import count

KEY = "client:key"
NUMBER, PHONE, NAME = "number", "phone", "name"
# By choice, the best first. A phone that is missing is made up for by the name.
FIELDS = {NUMBER: "client_ref", PHONE: "client_phone", NAME: "client_name"}
# Staged columns that tell of the client, by field.
DETAILS = {
    "client_name": "client_name",
    "client_phone": "client_phone",
    "client_gender": "client_gender",
    "client_birth_date": "client_birth",
}
# Of clients told apart by phone: more rows without one, or more phones of several names, and it is asked.
MOST_WITHOUT, MOST_SHARED = 0.1, 0.2


# 138****0001, 王**, 王*; in a client number one asterisk hides nothing: MAF*01.
_HIDDEN = re.compile(r"[\w+() .-]{0,15}[*＊]{1,12}[\w() .*＊-]{0,15}")
_SOME_HIDDEN = re.compile(r"[*＊]{2}|[\u3400-\u9fff][*＊]")
EMPTY, CLIENTS = "empty", "clients"
# 13900001111/13900002222
_SEVERAL_PHONES = re.compile(
    r"\s{0,9}([+(]?\d[\d ()-]{6,20})[/\\,，、;；|]\s{0,9}[+(]?\d[\d ()-]{6,20}(?:[/\\,，、;；|].{0,60})?"
)
_BETWEEN_PHONES = "/\\,，、;；|"
EXAMPLES = 3


class ClientColumns:
    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self.choices = [choice for choice, name in FIELDS.items() if context.has(name)]
        answered = context.options.answers.get(KEY)
        first = self.choices[0] if self.choices else None
        self.key = answered if answered in self.choices else first
        self._whole = Memo(self._of_one_person)
        # Rows with several phones in one cell, and some of these.
        self._several_rows = 0
        self._several_phones: dict[str, None] = {}
        # Whether a phone or name hides a part of itself, as 138****0001 does.
        self._hides = False
        fields = context.columns.by_field
        self._details: dict[str, Reader] = {
            name: reader_of(fields[name].field, context) for name in DETAILS if name in fields
        }

    @property
    def field(self) -> str:
        """The field that names the client."""
        return FIELDS[self.key] if self.key else "client_ref"

    def cells(self, chunk: Chunk) -> Sequence[str]:
        """Who the rows are of, as written."""
        cells = chunk.cells[self.field]
        text = "".join(cells)
        if "*" in text or "＊" in text or (self.key == PHONE and ("E+" in text.upper() or "#" in text)):
            cells = self._whole.read(cells)
        if self.key != NAME and any(sign in text for sign in _BETWEEN_PHONES):
            cells = list(map(self._first_phone, cells))
        if self.key != PHONE:
            return cells
        names = chunk.cells.get("client_name") or [""] * len(cells)
        return [phone if phone.strip() else name for phone, name in zip(cells, names, strict=True)]

    def _first_phone(self, text: str) -> str:
        """Of several in one cell, which are counted."""
        first = _first_of(text)
        if first != text:
            self._several_rows += 1
            if len(self._several_phones) < EXAMPLES:
                self._several_phones[text.strip()] = None
        return first

    def tell_several_phones(self) -> None:
        rows = self._several_rows
        if not rows:
            return
        message = ngettext(
            "%d row has several phones in one cell: the first tells who the client is.",
            "%d rows have several phones in one cell: the first tells who the client is.",
            rows,
        )
        effect = _("Somebody who is known by one of the others is another client.")
        examples = tuple(self._several_phones)
        column = self.context.columns.heading_of(self.field)
        self.context.findings.append(
            Finding(
                "warning", "several_phones", message % rows, None, column, rows=rows, examples=examples, effect=effect
            )
        )

    def _of_one_person(self, text: str) -> str:
        """Empty for what many people have: a phone whose digits were cut, or one that hides some."""
        heading = self.context.columns.heading_of(self.field)
        if self.key == PHONE and lost_digits(text):
            if NAME not in self.choices:
                self.context.questions.ask(_cut(heading, text))
            return ""
        if not _HIDDEN.fullmatch(text.strip()) or (self.key == NUMBER and not _SOME_HIDDEN.search(text)):
            return text
        self._hides = True
        if self.key == PHONE and NAME in self.choices:
            return ""
        return text if self.context.questions.ask(_hidden(self.field, heading, text)) == CLIENTS else ""

    def written(self, cells: Sequence[str], values: dict[str, Sequence[str]]) -> Sequence[str]:
        """The same as COPY takes it."""
        if self.key == NUMBER:
            return list(map(_first_of, values["client"])) if self._several_rows else values["client"]
        return [escaped(cell.strip()) or NULL for cell in cells]

    def details(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """What the rows say of their clients; a cell that cannot be read is left empty."""
        values: dict[str, Sequence[str]] = {}
        for name, reader in self._details.items():
            values[DETAILS[name]] = reader.read(chunk.cells[name])
            chunk.flag(name, reader.problems)
        return values

    def ask(self) -> None:
        """Shows who is one client, where there is a choice, and how many there are then."""
        if len(self.choices) < 2:
            return
        found = visit_staging.count_clients(self.context.cursor)
        labels = {NUMBER: _("the client number"), PHONE: _("the phone"), NAME: _("the name")}
        if NAME in self.choices:
            labels[PHONE] = _("the phone, and the name where there is none")
        counts = {NUMBER: found.clients, PHONE: found.phones, NAME: found.names}
        if self.key:
            # As the keys have it, which know the country's phones.
            counts[self.key] = found.clients
        label = _("%(what)s: %(clients)s clients")
        question = Question(
            KEY,
            _("Who is one client in this file?"),
            tuple(
                Choice(choice, label % {"what": labels[choice], "clients": count(counts[choice])})
                if choice != NUMBER or self.key == NUMBER
                else Choice(choice, labels[choice])
                for choice in self.choices
            ),
            proposed=self.key,
            rows=self.context.rows,
            examples=found.examples,
            effect=_("People who are taken as one come back more often, and one who is taken as two less often."),
        )
        if self.key == NUMBER:
            question = replace(question, taken=NUMBER, reason=_("A number is of one client alone."))
        elif self._hides and self.key == PHONE and NAME in self.choices:
            reason = _("Phones that hide digits count as none: the name tells who it is.")
            question = replace(question, taken=PHONE, reason=reason)
        elif found.without_phone <= MOST_WITHOUT * found.lines and found.shared <= MOST_SHARED * found.phones:
            question = replace(
                question, taken=PHONE, reason=_("Nearly all rows have a phone, and a phone has one name.")
            )
        self.context.questions.ask(question)

    def remember(self) -> None:
        """The clients who are known before the file, for the trail."""
        if self._details and self.context.audited:
            trail.remember("SELECT * FROM clients_client WHERE id IN (SELECT client_id FROM import_client)")

    def complete(self) -> None:
        """Tells the register what it does not know yet of the clients."""
        if not self._details:
            return
        details = visit_staging.client_details(per_store=self.context.options.client_ref_per_store)
        complete_clients(self.context.cursor, details)
        if self.context.audited:
            trail.record_changes(acting_user=self.context.acting_user)


def _first_of(text: str) -> str:
    """Of several phones in one cell the first tells who it is."""
    found = _SEVERAL_PHONES.fullmatch(text)
    return found[1].strip() if found else text


def _hidden(name: str, heading: str, text: str) -> Question:
    values = {"heading": heading, "example": text.strip()}
    return Question(
        f"hidden:{name}",
        _("“%(heading)s” hides a part, as in %(example)s: different people can look the same. Who are they?") % values,
        (
            Choice(EMPTY, _("nobody known: the rows count without a client")),
            Choice(CLIENTS, _("one client each, as written")),
        ),
        proposed=EMPTY,
        examples=(text.strip(),),
        effect=_("People who are taken as one come back more often, and one who is taken as two less often."),
    )


def _cut(heading: str, text: str) -> Question:
    message = _(
        "“%(heading)s” holds phones whose digits a spreadsheet program has cut, such as %(example)s. Export the file "
        "again with this column as text, or bring these rows in without a client."
    )
    return Question(
        "digits:client_phone",
        message % {"heading": heading, "example": text.strip()},
        (Choice(EMPTY, _("They are left empty: the rows count without a client or receipt")),),
        examples=(text.strip(),),
    )
