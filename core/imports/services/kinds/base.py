"""The steps that each kind of file implements."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from core.imports.services.chunks import Chunk
from core.imports.services.context import Counts, ImportContext


class KindImport(ABC):
    """Called in this order: `prepare` once, `convert` for each chunk of rows, `check`, `load`."""

    # Where rows are copied to.
    table: ClassVar[str]

    def __init__(self, context: ImportContext) -> None:
        self.context = context

    @abstractmethod
    def prepare(self) -> None:
        """Make the staging tables, look up what cells may name."""

    @abstractmethod
    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """Values by column of the table, as COPY takes them; unreadable cells become errors of the chunk."""

    @abstractmethod
    def check(self) -> None:
        """Add errors for rows that contradict others or the database."""

    @abstractmethod
    def load(self) -> Counts:
        """Write the good rows to the database."""

    def context_lines(self) -> Iterable[int]:
        """Good rows that belong with bad ones."""
        return ()
