"""Where the table is in a file: its sheet, its headings, its first and its last row, found by its first rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.imports.services.files.merged import MergedCell
from core.imports.services.files.sieve import Sieve

SHOWN_ROWS = 12
SHOWN_CELLS = 12
# More than a heading has.
LONGEST_HEADING = 200
ABOVE, HEADINGS, DATA, BELOW = "above", "headings", "data", "below"
_DATA = re.compile(r"[-+¥￥$€£]?[-+\d.,:/年月日%\s]+(?:[AP]M)?", re.IGNORECASE)
# How many of a row's headings are known.
Recognise = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Sample:
    """The first rows of a sheet, or of a text with one of the delimiters."""

    rows: list[tuple[int, list[str]]]
    delimiter: str | None = None
    sheet: str | None = None
    is_hidden: bool = False
    merged: tuple[MergedCell, ...] = ()

    @classmethod
    def from_child(cls, told: dict[str, Any]) -> "Sample":
        return cls(**{**told, "merged": tuple(MergedCell(*one) for one in told["merged"])})


@dataclass(frozen=True)
class Wanted:
    """What the user has said of the layout."""

    has_headings: bool = True
    heading_line: int | None = None
    last_line: int | None = None


@dataclass(frozen=True)
class ShownRow:
    line: int
    # ABOVE, HEADINGS, DATA or why the row is left out.
    role: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    sheet: str | None
    delimiter: str | None
    # Empty: the file has none.
    heading_lines: tuple[int, ...]
    headings: tuple[str, ...]
    first_line: int
    last_line: int | None
    width: int
    # How many of the headings are known.
    known: int
    # Rows above the headings.
    above: tuple[tuple[int, str], ...]
    beginning: tuple[ShownRow, ...]
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    # Sheets with the same headings.
    like_sheets: tuple[str, ...] = ()
    # Sheets with other headings that could be read as well.
    similar_sheets: tuple[str, ...] = ()
    # Columns in which a cell merged over rows counts for the first of them alone.
    counted_once: tuple[int, ...] = ()

    def for_child(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "delimiter": self.delimiter,
            "heading_lines": list(self.heading_lines),
            "first_line": self.first_line,
            "last_line": self.last_line,
            "width": self.width,
            "counted_once": list(self.counted_once),
        }


@dataclass
class _Headings:
    position: int
    names: list[str]
    known: int
    lines: list[int] = field(default_factory=list)


def find_layout(sample: Sample, recognise: Recognise, wanted: Wanted) -> Layout | None:
    """None where the line that was said to hold the headings is not among the first rows."""
    rows = sample.rows
    if wanted.heading_line is not None:
        position = next((index for index, (line, _cells) in enumerate(rows) if line == wanted.heading_line), None)
        if position is None:
            return None
        found = _joined(sample, position, recognise)
    elif wanted.has_headings:
        found = _find_headings(sample, recognise)
    else:
        found = _Headings(_first_of_table(rows) - 1, [], 0)
    begin = found.position + 1
    above = rows[: found.position] if found.names else rows[:begin]
    above = [row for row in above if row[0] not in found.lines]
    heading_rows = [cells for line, cells in rows if line in found.lines]
    first_line = rows[begin][0] if begin < len(rows) else rows[-1][0] + 1
    return Layout(
        sheet=sample.sheet,
        delimiter=sample.delimiter,
        heading_lines=tuple(found.lines),
        headings=tuple(found.names),
        first_line=first_line,
        last_line=wanted.last_line,
        width=len(found.names) or len(rows[begin][1]),
        known=found.known,
        above=tuple((line, " ".join(filter(None, cells))) for line, cells in above),
        beginning=_shown(rows, found.lines, first_line, Sieve(heading_rows), wanted.last_line),
    )


def narrowest(layout: Layout, sample: Sample) -> int:
    """How many columns nearly all rows have: what tells a delimiter that is none."""
    widths = sorted(len(cells) for line, cells in sample.rows if line >= layout.first_line)
    return widths[len(widths) // 10] if widths else layout.width


def looks_like_data(cell: str) -> bool:
    """A number, a date, or more than any heading says."""
    if len(cell) > LONGEST_HEADING:
        return True
    return _DATA.fullmatch(cell) is not None and any(map(str.isdecimal, cell))


def _find_headings(sample: Sample, recognise: Recognise) -> _Headings:
    """The row whose headings are known best; where none is known, the first row as wide as the table."""
    usual = _usual(sample.rows)
    best: _Headings | None = None
    for position, (_line, cells) in enumerate(sample.rows):
        filled = [cell for cell in cells if cell]
        if 2 * sum(map(looks_like_data, filled)) > len(filled):
            continue
        found = _joined(sample, position, recognise)
        if not found.known or (found.known == 1 and 2 * len(filled) < usual):
            continue
        # Headings in two rows of which some are merged over both.
        goes_on = best is not None and best.position == position - 1 and not set(found.names).isdisjoint(best.names)
        if best is None or found.known > best.known or (goes_on and found.known == best.known):
            best = found
    return best or _joined(sample, _first_of_table(sample.rows), recognise)


def _first_of_table(rows: list[tuple[int, list[str]]]) -> int:
    usual = _usual(rows)
    return next((index for index, (_line, cells) in enumerate(rows) if 2 * _filled(cells) >= usual), 0)


def _usual(rows: list[tuple[int, list[str]]]) -> int:
    """How many cells of a row hold something, in most of them."""
    counts = sorted(_filled(cells) for _line, cells in rows)
    return counts[len(counts) // 2]


def _filled(cells: Sequence[str]) -> int:
    return len(cells) - cells.count("")


def _joined(sample: Sample, position: int, recognise: Recognise) -> _Headings:
    """The headings of a row; a blank one is named in the row above, and where two are alike, so is what tells them
    apart."""
    line, cells = sample.rows[position]
    names = list(cells)
    above_line, above = sample.rows[position - 1] if position else (0, [])
    if above_line != line - 1 or (_filled(above) < 2 and len(cells) > 1):
        return _Headings(position, names, recognise(names), [line])
    groups = _spread(above, above_line, len(names), sample.merged)
    names += [""] * (len(groups) - len(names))
    twice = {name for name in names if name and names.count(name) > 1}
    joined = [
        group
        if not name
        else f"{group} {name}"
        if group and group != name and (name in twice or _says_more(group, name, recognise))
        else name
        for name, group in zip(names, groups, strict=True)
    ]
    if joined == names:
        return _Headings(position, names, recognise(names), [line])
    return _Headings(position, joined, recognise(joined), [above_line, line])


def _says_more(group: str, name: str, recognise: Recognise) -> bool:
    """“ID” below “Customer” is a Customer ID."""
    return not recognise([name]) and bool(recognise([f"{group} {name}"]))


def _spread(cells: list[str], line: int, width: int, merged: Sequence[MergedCell]) -> list[str]:
    """A group's name over all of its columns."""
    spread = cells + [""] * (width - len(cells))
    for one in merged:
        if one.first_row == line and one.first_column <= len(spread):
            for column in range(one.first_column, min(one.last_column, len(spread)) + 1):
                spread[column - 1] = spread[one.first_column - 1]
    return spread


def _shown(
    rows: list[tuple[int, list[str]]], heading_lines: list[int], first_line: int, sieve: Sieve, last_line: int | None
) -> tuple[ShownRow, ...]:
    shown = []
    for line, cells in rows[:SHOWN_ROWS]:
        if line in heading_lines:
            role = HEADINGS
        elif line < first_line:
            role = ABOVE
        elif last_line is not None and line > last_line:
            role = BELOW
        else:
            role = sieve.reason(cells) or DATA
        shown.append(ShownRow(line, role, tuple(cells[:SHOWN_CELLS])))
    return tuple(shown)
