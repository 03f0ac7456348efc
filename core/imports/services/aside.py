"""Cells beside the point that could not be read: the rest of the row comes in, and each kind of them is a warning."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.results import Finding
from core.imports.services.values.memo import NULL, Problem, shortened
from core.shared.sentences import join_sentences

EXAMPLES = 3


@dataclass
class _Kind:
    line: int
    first: Problem
    rows: int = 0
    # Different cells, in the order of the file.
    examples: list[str] = field(default_factory=list)

    def add(self, cell: str) -> None:
        self.rows += 1
        if len(self.examples) < EXAMPLES and (example := shortened(cell)) not in self.examples:
            self.examples.append(example)


@dataclass
class AsideCells:
    """Counted by column and by what is wrong with them."""

    _kinds: dict[tuple[str, str], _Kind] = field(default_factory=dict)

    def add(self, heading: str, line: int, problem: Problem, cell: str) -> None:
        kind = self._kinds.get((heading, problem.code))
        if kind is None:
            kind = self._kinds[heading, problem.code] = _Kind(line, problem)
        kind.add(cell)

    def findings(self) -> list[Finding]:
        return [_finding(heading, kind) for (heading, _code), kind in self._kinds.items()]


def _finding(heading: str, kind: _Kind) -> Finding:
    if kind.first.value == NULL:
        message = ngettext("%d cell is left empty.", "%d cells are left empty.", kind.rows)
    else:
        message = ngettext("%d cell is read so.", "%d cells are read so.", kind.rows)
    return Finding(
        "warning",
        kind.first.code,
        join_sentences([kind.first.message, message % kind.rows]),
        kind.line,
        heading,
        kind.examples[0],
        rows=kind.rows,
        examples=tuple(kind.examples),
        effect=_("The rest of each row comes in."),
    )
