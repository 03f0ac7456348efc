"""What files of records (stores, staff, services, clients) have in common: a row is a record with a code of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext as _

from core.imports.services import found
from core.imports.services.context import Counts, ImportContext
from core.imports.services.kinds.base import insert_columns
from core.imports.services.rows import Chunk, marks
from core.imports.services.values.memo import NULL, Problem, Reader, shortened


@dataclass(frozen=True)
class Staged:
    """A field of the file on its way: its reader, the type it is staged as and the model's column it goes to (none:
    the kind sees to it itself)."""

    reader: Reader
    type: str = "text"
    column: str | None = None


class RecordImport:
    """Reads rows into `import_record`, one column a field of the file, and brings them in as a set.

    An empty cell, like a column that is not there, leaves what is known of the record as it is.
    """

    model: ClassVar[type[Model]]
    # The field that names the record, and its column.
    key: ClassVar[str]
    key_column: ClassVar[str]
    table = "import_record"

    def __init__(self, context: ImportContext) -> None:
        self.context = context

    def fields(self) -> Mapping[str, Staged]:
        """All fields of the kind; those the file lacks are left out."""
        raise NotImplementedError

    def extra_columns(self) -> Mapping[str, str]:
        """Staged columns that `complete` fills, with their types."""
        return {}

    def complete(self, _chunk: Chunk, _values: dict[str, list[str]]) -> None:
        """Fills the extra columns of a chunk; may note rows that are wrong."""

    def finish(self) -> Counts:
        """Brings the staged rows in. `_upsert` does the record's own columns."""
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
        return {**marks(chunk), **values}

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
        self.note(
            self.key,
            "duplicate_code",
            query,
            lambda first, code: (message % {"code": shortened(code), "first": first}, code),
        )

    def identity(self) -> Sequence[str]:
        """Staged columns that together name the record."""
        return [self.key]

    def note(self, name: str, code: str, query: str, told: Callable[..., tuple[str, str]]) -> None:
        """Rows that the query finds wrong: `told` makes the message and the cell from what it selects beside `line`."""

        def problem(*values: Any) -> tuple[Problem, str]:
            message, cell = told(*values)
            return Problem(code, message), cell

        found.find(self.context, query)
        found.note(self.context, name, problem)
        found.mark_bad(self.context, self.table)

    def load(self) -> Counts:
        self.context.step("loading")
        return self.finish()

    def context_lines(self) -> Iterable[int]:
        """Each row stands for itself."""
        return ()

    def _upsert(
        self, *, match: str, given: Mapping[str, str] | None = None, fresh: Mapping[str, str] | None = None
    ) -> None:
        """Updates records that differ, makes those that are not there, and lists both in `import_done`.

        `match` joins the model's row `m` with the staged row `i`; `given` are further columns and what to set them to,
        `fresh` those of new records alone.
        """
        table = self.model._meta.db_table
        values = {staged.column: f"i.{name}" for name, staged in self._staged.items() if staged.column}
        values |= given or {}
        sets = {column: value for column, value in values.items() if column != self.key_column}
        cursor = self.context.cursor
        if sets:
            assignments = ", ".join(f"{column} = coalesce({value}, m.{column})" for column, value in sets.items())
            differs = " OR ".join(
                f"m.{column} IS DISTINCT FROM {value} AND {value} IS NOT NULL" for column, value in sets.items()
            )
            cursor.execute(
                f"WITH changed AS (UPDATE {table} m SET {assignments} FROM import_record i "  # noqa: S608
                f"WHERE NOT i.bad AND {match} AND ({differs}) RETURNING m.id) "
                "INSERT INTO import_done SELECT id, false FROM changed"
            )
        values |= fresh or {}
        names, defaults = insert_columns(self.model, list(values))
        required = {f.column: f for f in self.model._meta.concrete_fields if not f.null}
        selected = ", ".join(
            f"coalesce({value}, '')" if column in required and required[column].empty_strings_allowed else value
            for column, value in values.items()
        )
        cursor.execute(
            f"WITH made AS (INSERT INTO {table} ({', '.join(values)}{names}) "  # noqa: S608
            f"SELECT {selected}{defaults} FROM import_record i WHERE NOT i.bad "
            f"AND NOT EXISTS (SELECT FROM {table} m WHERE {match}) ORDER BY i.line RETURNING id) "
            "INSERT INTO import_done SELECT id, true FROM made"
        )

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
