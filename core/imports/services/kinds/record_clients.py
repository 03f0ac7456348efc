"""Who the rows of a file are of, where each row is a record: known clients, new ones, or nobody."""

from collections.abc import Mapping, Sequence
from itertools import compress

from django.utils.translation import gettext as _

from core.clients.services.loading import add_clients
from core.clients.services.matching import SEVERAL, find_by_number, find_clients
from core.imports.services.chunks import Chunk, missing_value
from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_staging
from core.imports.services.kinds.client_columns import FIELDS, NAME, NUMBER, PHONE
from core.imports.services.kinds.client_keys import prepare_keys
from core.imports.services.kinds.client_register import make_and_complete
from core.imports.services.kinds.client_twins import ClientRows, gather_record_clients, settle_clients
from core.imports.services.kinds.nobody import KeysOfSomebody, Nobody
from core.imports.services.kinds.person_cells import PersonCells, first_phone
from core.imports.services.values.codes import NAMED_NEAR_MISSES, unknown_code
from core.imports.services.values.memo import NULL, escaped, shortened
from core.shared.errors import AppError

ROWS = "import_record"
COLUMNS = {
    "client": "bigint", "client_key": "text", "client_as": "text", "numbered_by": "bigint", "phone_key": "text",
}  # fmt: skip
_OPEN = f"FROM {ROWS} i WHERE i.client IS NULL AND i.client_key IS NOT NULL AND NOT i.bad"


class RecordClients:
    """A row is of the client of its number, else of its phone, else of its name. A number may be a phone or a name."""

    def __init__(self, context: ImportContext, *, needed: bool) -> None:
        self.context, self._needed = context, needed
        prepare_keys(context.cursor)
        self._fields = [name for name in FIELDS.values() if context.has(name)]
        if needed and not self._fields:
            message = _("No column names the client. Choose it at the column of the number, the phone or the name.")
            raise AppError("missing_columns", message, field="map", missing=list(FIELDS.values()))
        self._nobody = Nobody(context)
        self._keys = KeysOfSomebody(self._nobody)
        self._people = {
            name: PersonCells(
                context,
                name,
                is_phone=name == FIELDS[PHONE],
                is_name=name == FIELDS[NAME],
                or_name=FIELDS[NAME] in self._fields,
                needed=needed,
            )
            for name in self._fields
        }
        self._described = 0

    def stage(self, chunk: Chunk, values: Mapping[str, Sequence[str]], stores: Sequence[str]) -> dict[str, list[str]]:
        """By COLUMNS; `values` are the cells as read."""
        cells = [""] * len(chunk)
        for name in reversed(self._fields):
            own = zip(cells, self._people[name].read(chunk.cells[name]), values[name], strict=True)
            cells = [before if value == NULL or not cell.strip() else cell for before, cell, value in own]
        keys = self._keys.read(cells)
        self._nobody.count(list(compress(cells, (key == NULL for key in keys))))
        if self._needed:
            self._flag_nobody(chunk, keys, cells)
        written = [NULL if key == NULL else escaped(cell.strip()) for key, cell in zip(keys, cells, strict=True)]
        staged = {"client_key": keys, "client_as": written}
        if FIELDS[PHONE] in self._fields and len(self._fields) > 1:
            staged["client_phone"] = list(map(first_phone, values[FIELDS[PHONE]]))
            staged["phone_key"] = self._keys.read([first_phone(cell) for cell in chunk.cells[FIELDS[PHONE]]])
        if self.context.options.client_ref_per_store:
            staged["numbered_by"] = list(stores)
        return staged

    def _flag_nobody(self, chunk: Chunk, keys: Sequence[str], cells: Sequence[str]) -> None:
        for index, key in enumerate(keys):
            if key == NULL and index not in chunk.bad:
                chunk.flag_row(index, self._fields[0], missing_value(), cells[index])

    def find(self) -> None:
        """Once all rows are staged: asks what is not certain, makes those who are missing, and completes the others."""
        cursor = self.context.cursor
        self._nobody.ask()
        for people in self._people.values():
            people.tell()
        self._follow_phones()
        self._gather()
        numbered = FIELDS[PHONE] in self._fields and FIELDS[NUMBER] in self._fields
        rows = ClientRows(
            ROWS,
            "client_key",
            "numbered_by",
            self._gather,
            name="i.client_name" if FIELDS[NAME] in self._fields else "NULL::text",
            phone="CASE WHEN i.client_ref IS NOT NULL THEN i.client_phone END" if numbered else "",
            client="client",
        )
        settle_clients(self.context, rows)
        find_clients(cursor, ROWS)
        known = f"SELECT client FROM {ROWS} WHERE NOT bad"  # noqa: S608
        make_and_complete(self.context, known=known, make=self._make, details=self._query_of_details())

    def _gather(self) -> None:
        find_by_number(self.context.cursor, ROWS)
        gather_record_clients(self.context.cursor, "min(i.client)", "i.client_as")

    def _follow_phones(self) -> None:
        """A row that tells nothing but the phone is of the client whom another row has by a number with that phone."""
        if FIELDS[PHONE] in self._fields and FIELDS[NUMBER] in self._fields:
            self.context.cursor.execute(
                f"UPDATE {ROWS} i SET client_key = o.key, client_as = o.ref FROM ("  # noqa: S608
                f"SELECT phone_key, min(client_key) AS key, min(client_ref) AS ref FROM {ROWS} "
                "WHERE phone_key <> client_key AND client_ref IS NOT NULL "
                "GROUP BY 1 HAVING count(DISTINCT client_key) = 1) AS o "
                "WHERE i.client_key = o.phone_key AND i.client_ref IS NULL"
            )

    def select_shared(self) -> str:
        """Rows whose phone or name several clients have."""
        return f"SELECT i.line, i.client_as {_OPEN} AND i.client_key IN ({SEVERAL})"

    def select_unknown(self) -> str:
        return f"SELECT i.line, i.client_as {_OPEN}"

    @property
    def field(self) -> str:
        """The column that names the client; empty where several do, each for rows of its own."""
        return self._fields[0] if len(self._fields) == 1 else ""

    @staticmethod
    def describe_shared(client: str) -> tuple[str, str]:
        return _("Several clients are called “%s”: give the client number.") % shortened(client), client

    def describe_unknown(self, client: str) -> tuple[str, str]:
        self._described += 1
        near = visit_staging.clients_like(self.context.cursor, client) if self._described <= NAMED_NEAR_MISSES else []
        return str(unknown_code("unknown_client", _("There is no client “%s”."), client, near)), client

    def _make(self) -> int:
        """Stubs, in the order of the file."""
        made = add_clients(
            self.context.cursor,
            "SELECT (array_agg(i.client_as ORDER BY i.line))[1] AS ref, i.client_key AS ref_key, "
            f"i.numbered_by AS ref_store_id {_OPEN} AND i.client_key NOT IN ({SEVERAL}) "
            "GROUP BY 2, 3 ORDER BY min(i.line)",
        )
        if made:
            find_by_number(self.context.cursor, ROWS)
        return made

    def _query_of_details(self) -> str:
        """As `complete_clients` takes it: of several rows the last says it. Empty where no row says anything."""
        name, phone = (
            f"(array_agg(i.{field} ORDER BY i.line DESC) FILTER (WHERE i.{field} IS NOT NULL))[1]"
            if field in self._fields
            else "NULL::text"
            for field in (FIELDS[NAME], FIELDS[PHONE])
        )
        if name == phone:
            return ""
        return (
            f"SELECT i.client AS id, {name} AS name, {phone} AS phone, NULL::text AS gender, NULL::text AS birth "  # noqa: S608
            f"FROM {ROWS} i WHERE NOT i.bad AND i.client IS NOT NULL GROUP BY 1"
        )
