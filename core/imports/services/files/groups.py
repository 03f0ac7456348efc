"""Lines that stand above rows and say what holds for all of them, such as a client's name above her visits."""

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

from core.imports.services.files.batches import Cells, RowBatch, batch_of
from core.imports.services.files.sieve import EXAMPLES, FOOTER, REPEATED, Sieve, is_number, shown

GROUPS = "groups"
# The column of lines that do not say what they name.
UNNAMED = ("(分组)", "(Group)")
_DAY, _STORE = ("日期", "Date"), ("门店", "Store")
_CHINESE = re.compile("[一-鿿]")
_LABEL = re.compile(r"([^\W\d][^:：\s]{0,30}(?: [^:：\s\d]{1,30}){0,2})\s?[:：]")
_STORE_NAME = re.compile(r".{1,60}(?:店|会所|沙龙|\b(?:store|salon|shop|branch))", re.IGNORECASE)
LONGEST, MOST_CELLS, SHORTEST_NUMBER = 200, 8, 4
Values = dict[str, str]
# Line and cells.
Line = tuple[int, list[str]]


class Look(NamedTuple):
    """What tells such a line from a row, as the headings of the table and the chain have it."""

    is_heading: Callable[[str], bool]
    is_day: Callable[[str], bool]
    is_store: Callable[[str], bool]
    day_column: int | None
    is_chinese: bool

    def name(self, names: tuple[str, str]) -> str:
        return names[0] if self.is_chinese else names[1]


class Found(NamedTuple):
    # By the heading of their column.
    values: Values
    # Where the text of a line without a label stands.
    column: int | None = None
    has_sums: bool = False


class Groups:
    """The columns that such lines make; reads rows from above, in their order."""

    def __init__(self, look: Look, headings: Sequence[str], values: Values, leading: Sequence[Found]) -> None:
        self._look = look
        # From the outermost to the innermost.
        self.headings = tuple(headings)
        self._values = values
        # A row that lacks a cell or two is none of them: the first ones show where they stand.
        self._leading = leading
        self._columns = {found.column for found in leading}
        self._may_have_sums = any(found.has_sums for found in leading)
        self._counts = {GROUPS: 0, FOOTER: 0}
        self._examples: dict[str, list[tuple[int, str]]] = {GROUPS: [], FOOTER: []}

    def begin(self) -> "Groups":
        """For one more reading of the rows."""
        return Groups(self._look, self.headings, dict(self._values), self._leading)

    def spread(self, batch: RowBatch) -> RowBatch:
        """The rows without such lines, each with what holds for it."""
        lines: list[int] = []
        cells: Cells = []
        for line, row in zip(batch.lines, batch.cells, strict=True):
            if (found := self.read(row)) is not None:
                self._take(line, row, found.values)
            else:
                lines.append(line)
                cells.append([*row, *(self._values.get(heading, "") for heading in self.headings)])
        return batch_of(lines, cells)

    def read(self, row: Sequence[str]) -> Found | None:
        found = _read(row, self._look)
        if found is None or (found.has_sums and not self._may_have_sums):
            return None
        if found.column is None:
            return found
        is_known = not self.headings or not found.values.keys().isdisjoint(self.headings)
        return found if is_known and found.column in self._columns else None

    def left_out(self) -> list[tuple[str, int, list[tuple[int, str]]]]:
        return [(reason, count, self._examples[reason]) for reason, count in self._counts.items() if count]

    def _take(self, line: int, row: list[str], values: Values) -> None:
        known = [heading for heading in self.headings if heading in values]
        reason = GROUPS if known else FOOTER
        self._counts[reason] += 1
        if len(self._examples[reason]) < EXAMPLES:
            self._examples[reason].append((line, shown(row)))
        if known:
            # What lies within it ends with it.
            for heading in self.headings[self.headings.index(known[0]) :]:
                self._values[heading] = values.get(heading, "")


def find_groups(rows: Sequence[Line], above: Line | None, heading_rows: Cells, look: Look) -> Groups | None:
    """`rows` are the first ones below the headings, `above` the one just above them. Where lines name what is below
    them, the first row is such a line; or each of them has the headings once more below it."""
    sieve = Sieve(heading_rows)
    # Totals are none; headings that come again are looked for.
    rows = [(line, cells) for line, cells in rows if sieve.reason(cells) in {None, REPEATED}]
    read = [_read(cells, look) for _line, cells in rows]
    leading = list(takewhile(lambda found: found is not None, read))
    values: Values = {}
    if not leading:
        first = _read(above[1], look) if above else None
        below = [cells for _line, cells in rows[1:]]
        repeats = any(found and cells in heading_rows for found, cells in zip(read, below, strict=False))
        if first is None or not repeats:
            return None
        leading, values = [first], dict(first.values)
    if len(leading) == len(rows):
        return None
    groups = Groups(look, (), values, [found for found in leading if found])
    headings: dict[str, None] = dict.fromkeys(values)
    for _line, cells in rows:
        found = groups.read(cells)
        if found and found in leading:
            headings |= dict.fromkeys(found.values)
        elif found:
            headings |= dict.fromkeys(name for name in found.values if _may_come_later(name, found, look))
    groups.headings = tuple(headings)
    return groups


def _may_come_later(heading: str, found: Found, look: Look) -> bool:
    """Whether it makes a column though the first lines had none: a remark does not, nor a row that lacks cells."""
    return look.is_heading(heading) if found.column is None else heading == look.name(_STORE)


def looks_chinese(headings: Sequence[str]) -> bool:
    return _CHINESE.search("".join(headings)) is not None


def _read(row: Sequence[str], look: Look) -> Found | None:
    """What a line says of the rows below it; None for a row."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled or len(filled) > MOST_CELLS or any(len(cell) > LONGEST for cell in filled):
        return None
    if labelled := _labelled(filled, look):
        return Found(labelled)
    column = next(index for index, cell in enumerate(row) if cell.strip())
    first, *others = filled
    if not others:
        return _single(first, look, column)
    if not all(map(is_number, others)) or is_number(first):
        return None
    # A line with sums beside its name.
    if look.day_column is None:
        is_line = look.is_day(first)
    else:
        is_line = not look.is_day(first) and "".join(row[look.day_column : look.day_column + 1]).strip() in {"", first}
    found = _single(first, look, column) if is_line else None
    return found._replace(has_sums=True) if found else None


def _single(text: str, look: Look, column: int) -> Found | None:
    if look.is_day(text):
        return Found({look.name(_DAY): text}, column)
    if is_number(text):
        # Of a client without a name.
        is_name = text.isdecimal() and len(text) >= SHORTEST_NUMBER
        return Found({look.name(UNNAMED): text}, column) if is_name else None
    label = _LABEL.match(text)
    if label and label.end() < len(text):
        return Found({label[1]: text[label.end() :].strip()})
    is_store = look.is_store(text) or _STORE_NAME.fullmatch(text) is not None
    return Found({look.name(_STORE if is_store else UNNAMED): text}, column)


def _labelled(filled: Sequence[str], look: Look) -> Values:
    """Of cells such as “Client: Anna”, “Client” beside “Anna”, or several of them; empty where a cell is none."""
    values: Values = {}
    waiting = ""
    for cell in filled:
        pairs = _pairs(cell, look)
        if waiting and not pairs and not look.is_heading(cell):
            values[waiting], waiting = cell, ""
        elif waiting:
            return {}
        elif pairs:
            values |= pairs
            waiting = next((label for label, value in pairs.items() if not value), "")
        elif look.is_heading(cell) and len(filled) > 1:
            waiting = cell
        else:
            return {}
    return values if all(values.values()) and not waiting else {}


def _pairs(cell: str, look: Look) -> Values:
    """“Client: Anna Phone: 139…” → both."""
    labels = []
    for match in _LABEL.finditer(cell):
        words = match[1].split(" ")
        # A value without a colon stands before it.
        known = next((label for at in range(len(words)) if look.is_heading(label := " ".join(words[at:]))), None)
        if known:
            labels.append((known, match.end(1) - len(known), match.end()))
    if not labels or labels[0][1]:
        return {}
    ends = [start for _label, start, _end in labels[1:]] + [len(cell)]
    return {label: cell[end:stop].strip(" \t,，;；|/") for (label, _start, end), stop in zip(labels, ends, strict=True)}
