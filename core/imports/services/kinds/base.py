"""What every kind of file does on its way in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

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
