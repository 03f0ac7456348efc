"""What files of records (stores, staff, services, clients) have in common: a row is a record with a code of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from core.imports.services import database_checks
from core.imports.services.chunks import Chunk, row_columns
from core.imports.services.context import Counts, ImportContext
from core.imports.services.values.codes import Codes
from core.imports.services.values.memo import NULL, Problem, Reader, shortened
from core.shared.bulk_writes import Staging


@dataclass(frozen=True)
class StagedField:
    """A field of the file on its way: its reader, the type it is staged as and the model's column it goes to (none:
    the kind sees to it itself)."""

    reader: Reader
    type: str = "text"
    column: str | None = None


class RecordImport:
    """Stages rows in `import_record`, a column for each field of the file, and writes them as a set.

    An empty cell, like a column that is not there, leaves what is known of the record as it is.
    """

    # The field that names the record.
    key: ClassVar[str]
    table = "import_record"

    def __init__(self, context: ImportContext) -> None:
        self.context = context

    def fields(self) -> Mapping[str, StagedField]:
        """All fields of the kind; those the file lacks are left out."""
        raise NotImplementedError

    def extra_columns(self) -> Mapping[str, str]:
        """Staged columns that `complete` fills, with their types."""
        return {}

    def complete(self, _chunk: Chunk, _values: dict[str, list[str]]) -> None:
        """Fills the extra columns of a chunk; may note rows that are wrong."""

    def finish(self) -> Counts:
        """Writes the staged rows to the database."""
        raise NotImplementedError

    def prepare(self) -> None:
        fields = self.fields()
        self._staged = {name: staged for name, staged in fields.items() if self.context.has(name)}
        types = {**{name: staged.type for name, staged in self._staged.items()}, **self.extra_columns()}
        columns = "".join(f", {name} {kind}" for name, kind in types.items())
        cursor = self.context.cursor
        for table in ("import_record", "import_done"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(
            f"CREATE TEMP TABLE import_record (line bigint, bad boolean DEFAULT false{columns}) ON COMMIT DROP"
        )
        cursor.execute("CREATE TEMP TABLE import_done (id bigint, created boolean) ON COMMIT DROP")

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        required = {name for name, column in self.context.columns.by_field.items() if column.field.required}
        values: dict[str, list[str]] = {}
        for name, staged in self._staged.items():
            values[name] = staged.reader.read(chunk.cells[name])
            chunk.flag(name, staged.reader.problems)
            if name in required:
                chunk.require(name, values[name])
        for name in self.extra_columns():
            values[name] = [NULL] * len(chunk)
        self.complete(chunk, values)
        return {**row_columns(chunk), **values}

    def check(self) -> None:
        cursor = self.context.cursor
        cursor.execute("CREATE INDEX ON import_record (line)")
        cursor.execute("ANALYZE import_record")
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
        self.context.step("loading")
        return self.finish()

    def context_lines(self) -> Iterable[int]:
        """Each row stands for itself."""
        return ()

    @property
    def staging(self) -> Staging:
        return Staging(self.context.cursor, self.table, "import_done")

    def columns(self) -> dict[str, str]:
        """Of the model, with what the file sets them to."""
        return {staged.column: f"i.{name}" for name, staged in self._staged.items() if staged.column}

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
