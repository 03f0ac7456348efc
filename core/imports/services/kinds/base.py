"""What every kind of file does on its way in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from django.db.models import Model

from core.imports.services.context import Counts, ImportContext
from core.imports.services.rows import Chunk


class KindImport(Protocol):
    """Called in this order: `prepare` once, `convert` for each chunk of rows, `check`, `load`."""

    # Where rows are copied to.
    table: str

    def prepare(self) -> None:
        """Make the staging tables, look up what cells may name."""

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """Values by column of the table, as COPY takes them; what cannot be read is noted at the chunk."""

    def check(self) -> None:
        """Note the rows that are wrong in view of others or of what is known."""

    def load(self) -> Counts:
        """Bring the good rows in."""

    def context_lines(self) -> Iterable[int]:
        """Good rows that belong with bad ones."""


KindFactory = Callable[[ImportContext], KindImport]


def insert_columns(model: type[Model], given: Sequence[str]) -> tuple[str, str]:
    """For an INSERT … SELECT: the columns that are not given but may not be empty, and their defaults as SQL."""
    names, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.null or field.column in given:
            continue
        names.append(field.column)
        values.append(_literal(field.get_default()))
    return "".join(f", {name}" for name in names), "".join(f", {value}" for value in values)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value or "").replace("'", "''") + "'"
