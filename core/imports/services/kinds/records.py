"""What files of records have in common: a row is a record."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext as _

from core.imports.services import database_checks
from core.imports.services.chunks import Chunk, missing_value, row_columns
from core.imports.services.context import Counts
from core.imports.services.kinds.base import KindImport
from core.imports.services.kinds.merged_rows import count_as_kept
from core.imports.services.kinds.readers import reader_of, staged_type
from core.imports.services.kinds.renames import find_renamed
from core.imports.services.values.codes import Codes
from core.imports.services.values.memo import NULL, Problem, Reader, shortened
from core.shared.bulk_writes import Staging, recode, upsert
from core.shared.merged import Mergeable


class RecordImport(KindImport):
    """Stages rows in `import_record`, a column for each field of the file, and writes them as a set.

    An empty cell, like a column that is not there, leaves what is known of the record as it is.
    """

    # The field that names the record; empty where records have no code of their own.
    key: ClassVar[str] = ""
    model: ClassVar[type[Model]]
    table = "import_record"
    # Whether a record is told by its name where its code is another one now.
    follows_names: ClassVar[bool] = False
    _renamed: Mapping[int, str] = {}
    # Fields that the kind reads by itself.
    own_fields: ClassVar[frozenset[str]] = frozenset()

    def references(self) -> Mapping[str, Codes]:
        """The fields that name other records; all others are read by what they hold."""
        return {}

    def extra_columns(self) -> Mapping[str, str]:
        """Staged columns beside the fields, with their types."""
        return {}

    def extra_values(self, _chunk: Chunk, _values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Of the extra columns, where they are not empty; may note rows that are wrong."""
        return {}

    @abstractmethod
    def write(self) -> None:
        """Writes the staged rows to the database."""

    def prepare(self) -> None:
        references = self.references()
        fields = (column.field for column in self.context.columns.used)
        self._fields = [field for field in fields if field.name not in self.own_fields]
        self._readers: dict[str, Reader] = {field.name: reader_of(field, self.context) for field in self._fields}
        self._readers |= references
        types = {field.name: staged_type(field) for field in self._fields}
        types |= {name: "bigint" for name in references if name in types} | dict(self.extra_columns())
        columns = "".join(f", {name} {kind}" for name, kind in types.items())
        cursor = self.context.cursor
        for table in ("import_record", "import_done"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(
            f"CREATE TEMP TABLE import_record (line bigint, bad boolean DEFAULT false{columns}) ON COMMIT DROP"
        )
        cursor.execute("CREATE TEMP TABLE import_done (id bigint, created boolean) ON COMMIT DROP")

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        values: dict[str, list[str]] = {}
        for field in self._fields:
            reader = self._readers[field.name]
            values[field.name] = reader.read(chunk.cells[field.name])
            chunk.flag(field.name, reader.problems)
            if field.required:
                chunk.require(field.name, values[field.name])
        values |= self.extra_values(chunk, values)
        # Once all have noted what is wrong.
        return {**row_columns(chunk), **values}

    def check(self) -> None:
        cursor = self.context.cursor
        cursor.execute("CREATE INDEX ON import_record (line)")
        cursor.execute("ANALYZE import_record")
        if self.key:
            self._check_duplicates()

    def _check_duplicates(self) -> None:
        same = ", ".join(self.identity())
        query = (
            f"SELECT line, first, {self.key} FROM ("  # noqa: S608
            f"SELECT line, {self.key}, min(line) OVER (PARTITION BY {same}) AS first FROM import_record "
            f"WHERE {self.key} IS NOT NULL) AS rows WHERE line > first"
        )
        message = _("“%(code)s” is on line %(first)d already.")
        self.mark_bad(
            self.key,
            "duplicate_code",
            query,
            lambda first, code: (message % {"code": shortened(code), "first": first}, code),
        )
        if self.follows_names:
            self._renamed = find_renamed(self.context, self.model, self.key)

    def stores_of(self, chunk: Chunk, values: Mapping[str, list[str]], *, needed: bool) -> list[str]:
        """The ids of the stores of the rows, as COPY takes them; one that names none is of the store of the option."""
        default, stores = self.context.store_of_option(), list(values.get("store_code", [NULL] * len(chunk)))
        cells = chunk.cells.get("store_code", [""] * len(chunk))
        for index, cell in enumerate(cells):
            if stores[index] == NULL and not cell.strip():
                stores[index] = default
                if needed and default == NULL:
                    chunk.flag_row(index, "store_code", missing_value())
        return stores

    def identity(self) -> Sequence[str]:
        """Staged columns that together name the record."""
        return [self.key]

    def mark_bad(self, name: str, code: str, query: str, describe: Callable[..., tuple[str, str]]) -> None:
        """Marks the rows the query selects as bad; `describe` turns its other columns into the message and the cell."""

        def problem(*values: Any) -> tuple[Problem, str]:
            message, cell = describe(*values)
            return Problem(code, message), cell

        database_checks.select_bad_rows(self.context, query)
        database_checks.add_errors(self.context, name, problem)
        database_checks.mark_bad_rows(self.context, self.table)

    def load(self) -> Counts:
        if self._renamed:
            recode(self.staging, self.model, self._renamed)
        if self.key and issubclass(self.model, Mergeable):
            count_as_kept(self.context, self.model, match=self.same, keys=self.keys(), known=self.known())
        self.write()
        return self._counts()

    @property
    def same(self) -> str:
        """Joins a row `i` with the record `m` that it names."""
        return f"m.code = i.{self.key}"

    def keys(self) -> dict[str, str]:
        """By staged column that names the record, the record's own."""
        return {self.key: "code"}

    def known(self) -> dict[str, str]:
        """By staged column, on which condition a record `k` has such a value already."""
        columns = {field.name: field.column for field in self._fields if field.column and field.name != self.key}
        return {name: f"coalesce(k.{column}::text, '') <> ''" for name, column in columns.items()}

    @property
    def staging(self) -> Staging:
        return Staging(self.context.cursor, self.table, "import_done")

    def columns(self) -> dict[str, str]:
        """Of the model, with what the file sets them to."""
        return {field.column: f"i.{field.name}" for field in self._fields if field.column}

    def upsert(self) -> None:
        """By the model's `code`."""
        upsert(self.staging, self.model, match=self.same, columns=self.columns(), key=["code"])

    def used(self, name: str, codes: Codes) -> dict[int, str]:
        """Codes that are new with the file, by id: those that a good row has in a staged column."""
        if not codes.new:
            return {}
        self.context.cursor.execute(f"SELECT DISTINCT {name} FROM import_record WHERE NOT bad")  # noqa: S608
        used = {pk for (pk,) in self.context.cursor.fetchall()}
        return {pk: code for code, pk in codes.new.items() if pk in used}

    def _counts(self) -> Counts:
        """A record may be done twice: changed in its own columns and in something beside them."""
        cursor = self.context.cursor
        cursor.execute(
            "SELECT (SELECT count(*) FROM import_record WHERE NOT bad), count(*) FILTER (WHERE created), "
            "count(*) FILTER (WHERE NOT created) "
            "FROM (SELECT id, bool_or(created) AS created FROM import_done GROUP BY id) AS done"
        )
        rows, created, updated = cursor.fetchone()
        return Counts(created, updated, rows - created - updated)
