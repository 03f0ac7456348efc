"""The steps that each kind of file implements."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from core.imports.services.chunks import Chunk
from core.imports.services.context import Counts, ImportContext


class KindImport(Protocol):
    """Called in this order: `prepare` once, `convert` for each chunk of rows, `check`, `load`."""

    # Where rows are copied to.
    table: str

    def prepare(self) -> None:
        """Make the staging tables, look up what cells may name."""

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """Values by column of the table, as COPY takes them; unreadable cells become errors of the chunk."""

    def check(self) -> None:
        """Add errors for rows that contradict others or the database."""

    def load(self) -> Counts:
        """Write the good rows to the database."""

    def context_lines(self) -> Iterable[int]:
        """Good rows that belong with bad ones."""


KindFactory = Callable[[ImportContext], KindImport]
