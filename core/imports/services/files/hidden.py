"""Rows that a workbook does not show, as a filter leaves them: they are read like the others, and told of."""

from array import array

from core.imports.services.files.sieve import EXAMPLES, HIDDEN, shown

# Some may lie above the headings.
MOST_EXAMPLES = 10


class HiddenRows:
    """Of the rows that hold something; noted while they are read."""

    def __init__(self) -> None:
        self._lines = array("I")
        self._examples: list[tuple[int, list[str]]] = []

    def note(self, line: int, cells: list[str]) -> None:
        self._lines.append(line)
        if len(self._examples) < MOST_EXAMPLES:
            self._examples.append((line, cells))

    def told(self, first: int, last: int) -> list[tuple[str, int, list[tuple[int, str]]]]:
        """Those from one line to another."""
        rows = sum(first <= line <= last for line in self._lines)
        examples = [(line, shown(cells)) for line, cells in self._examples if first <= line <= last]
        return [(HIDDEN, rows, examples[:EXAMPLES])] if examples else []
