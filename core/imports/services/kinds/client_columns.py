"""Which column of a visits file says who a client is, and what the others say of the client."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_staging
from core.imports.services.kinds.person_cells import PersonCells, first_phone, may_be_several
from core.imports.services.kinds.readers import reader_of
from core.imports.services.questions import Choice, Question
from core.imports.services.values.memo import NULL, Reader, escaped
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


class ClientColumns:
    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self.choices = [choice for choice, name in FIELDS.items() if context.has(name)]
        answered = context.options.answers.get(KEY)
        first = self.choices[0] if self.choices else None
        self.key = answered if answered in self.choices else first
        self.people = PersonCells(
            context, self.field, is_phone=self.key == PHONE, is_name=self.key == NAME, or_name=NAME in self.choices
        )
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
        cells = self.people.read(chunk.cells[self.field])
        if self.key != PHONE:
            return cells
        names = chunk.cells.get("client_name") or [""] * len(cells)
        return [phone if phone.strip() else name for phone, name in zip(cells, names, strict=True)]

    def written(self, cells: Sequence[str], values: dict[str, Sequence[str]]) -> Sequence[str]:
        """The same as COPY takes it."""
        if self.key == NUMBER:
            return list(map(first_phone, values["client"])) if self.people.several_rows else values["client"]
        return [escaped(cell.strip()) or NULL for cell in cells]

    def details(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """What the rows say of their clients; a cell that cannot be read is left empty."""
        values: dict[str, Sequence[str]] = {}
        for name, reader in self._details.items():
            cells = chunk.cells[name]
            if name == FIELDS[PHONE] and may_be_several("".join(cells)):
                cells = list(map(first_phone, cells))
            values[DETAILS[name]] = reader.read(cells)
            chunk.flag(name, reader.problems, cells)
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
        elif self.people.hides and self.key == PHONE and NAME in self.choices:
            reason = _("Phones that hide digits count as none: the name tells who it is.")
            question = replace(question, taken=PHONE, reason=reason)
        elif found.without_phone <= MOST_WITHOUT * found.lines and found.shared <= MOST_SHARED * found.phones:
            question = replace(
                question, taken=PHONE, reason=_("Nearly all rows have a phone, and a phone has one name.")
            )
        self.context.questions.ask(question)

    def query_of_details(self) -> str:
        """As `complete_clients` takes it; empty where the file says nothing of its clients."""
        return (
            visit_staging.client_details(per_store=self.context.options.client_ref_per_store) if self._details else ""
        )
