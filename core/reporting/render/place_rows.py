"""The table of places as its page and files show it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.reporting.compare.change import Change
from core.reporting.metrics.units import Unit
from core.reporting.place_table import COLUMNS, PlaceColumn, PlaceTable, Value, in_proportion
from core.reporting.render.files import Cell
from core.shared import figures


@dataclass(frozen=True)
class PlaceCell:
    text: str
    # The class of a text that is a change.
    css: str = ""
    # What it is of, where a narrow screen has no columns: the figure, or the place beside others.
    label: str = ""
    # Below it, smaller: its interval, and the change with the class of its direction.
    interval: str = ""
    change: str = ""
    direction: str = ""
    about: str = ""


def cells(values: Mapping[str, Value], columns: Sequence[PlaceColumn], *, hides_sums: bool = False) -> list[PlaceCell]:
    return [
        PlaceCell(figures.NOTHING, label=str(column.title))
        if hides_sums and column.is_sum
        else _cell(values.get(column.key, Value()), column)
        for column in columns
    ]


def _cell(value: Value, column: PlaceColumn) -> PlaceCell:
    change, unit = value.change, column.unit
    if column.part == "same_stores":
        return PlaceCell(
            text=change_text(change, unit) or figures.NOTHING,
            css=direction(change),
            label=str(column.title),
            interval=figures.from_to(*map(unit.difference, change.ci95)) if change.ci95 else "",
        )
    return PlaceCell(
        text=unit.text(value.value),
        label=str(column.title),
        interval=figures.interval(value.ci95) if value.ci95 else "",
        change=change_text(change, unit),
        direction=direction(change),
        about=interval_of_change(change, unit),
    )


def change_text(change: Change, unit: Unit) -> str:
    """Of counts and amounts as a part of what they were."""
    if change.change is None or change.before is None:
        return ""
    part = in_proportion(change, unit)
    return unit.difference(change.change) if part is None else figures.signed_percent(part)


def interval_of_change(change: Change, unit: Unit) -> str:
    if change.ci95 is None:
        return ""
    low, high = (unit.difference(end) for end in change.ci95)
    level = figures.percent(0.95, 0)
    return _("Change: %(low)s to %(high)s (%(level)s)") % {"low": low, "high": high, "level": level}


def direction(change: Change) -> str:
    """A class for what is beyond chance; nothing else is called a rise or a fall."""
    if not change.is_beyond_chance or change.change is None:
        return ""
    return "up" if change.change > 0 else "down"


def file_rows(
    table: PlaceTable, columns: Sequence[PlaceColumn], headings: Sequence[str], *, hides_sums: bool
) -> Iterator[list[Cell]]:
    """A row a place with the keys of its levels, then its name; the last one is the chain."""
    yield [*headings, _("Name"), *(title for column in columns for title in _titles(column))]
    for row in table.rows:
        keys = [*row.path, *[""] * (len(headings) - len(row.path))]
        yield [*keys, row.name.label, *(cell for column in columns for cell in _file_cells(row.values, column))]
    chain = {key: Value() if hides_sums and COLUMNS[key].is_sum else value for key, value in table.chain.items()}
    keys = [""] * len(headings)
    yield [*keys, _("Chain"), *(cell for column in columns for cell in _file_cells(chain, column))]


def _titles(column: PlaceColumn) -> list[str]:
    title = str(column.title)
    change = _("%(title)s, change") % {"title": title}
    return [
        title,
        *(_titles_of_ends(title) if column.unit.is_estimated else []),
        *([change, *_titles_of_ends(change)] if column.has_change else []),
    ]


def _titles_of_ends(title: str) -> list[str]:
    return [_("%(title)s, low") % {"title": title}, _("%(title)s, high") % {"title": title}]


def _file_cells(values: Mapping[str, Value], column: PlaceColumn) -> list[Cell]:
    value, unit = values.get(column.key, Value()), column.unit
    ends = list(value.ci95 or (None, None)) if unit.is_estimated else []
    if column.part == "same_stores":
        return [value.value, *ends]
    change = [value.change.change, *(value.change.ci95 or (None, None))] if column.has_change else []
    return [unit.in_file(value.value), *ends, *map(unit.in_file, change)]
