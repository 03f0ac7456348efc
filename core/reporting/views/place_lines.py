"""The lines of the table of places: which of its rows are shown, in what order, and what each leads to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.reporting.dimensions import WITHIN
from core.reporting.place_table import LEVELS, PlaceColumn, PlaceRow, Top
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.charts.theme import tier_token
from core.reporting.render.place_rows import PlaceCell, cells
from core.stores.cities import province_of
from core.stores.selectors import city_tiers

# Rows with which all are open at first.
OPEN_AT_FIRST = 60


@dataclass(frozen=True)
class Line:
    row: PlaceRow
    key: str
    # The id of the place of its small line.
    trend: str
    cells: Sequence[PlaceCell]
    # What is inside: its number of places, whether it is shown, and the address that opens or closes it.
    inside: int
    is_open: bool
    toggle: str
    link: str
    token: str
    is_picked: bool


def key_of(path: Sequence[str]) -> str:
    """As addresses have it."""
    return WITHIN.join(path)


def trend_id(path: Sequence[str]) -> str:
    return "trend-" + hashlib.sha256(key_of(path).encode()).hexdigest()[:16]


def in_province(rows: Sequence[PlaceRow], province: str) -> list[PlaceRow]:
    """Its cities, what they are in and what is in them."""
    cities = {row.path[:2] for row in rows if row.level and province_of(row.path[1]) == province}
    return [row for row in rows if row.path[:2] in cities or any(_is_inside(city, row.path) for city in cities)]


def found(rows: Sequence[PlaceRow], searched: str) -> list[PlaceRow]:
    """Places whose name or key holds it, what they are in and what is in them."""
    if not searched:
        return list(rows)
    wanted = searched.casefold()
    hits = [row.path for row in rows if wanted in f"{row.name.label} {row.name.key}".casefold()]
    return [row for row in rows if any(_is_inside(row.path, hit) or _is_inside(hit, row.path) for hit in hits)]


def _is_inside(path: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return path[: len(outer)] == outer


def in_order(rows: list[PlaceRow], sort: str, columns: Sequence[PlaceColumn]) -> list[PlaceRow]:
    """Places of one place among themselves; those without a value last. The order they come in without a column."""
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key not in {"name", *(column.key for column in columns)}:
        return rows
    inside: dict[tuple[str, ...], list[PlaceRow]] = {}
    for row in rows:
        inside.setdefault(row.path[:-1], []).append(row)

    def rank(row: PlaceRow) -> tuple[bool, Any]:
        if key == "name":
            return False, row.name.label.casefold()
        value = row.values[key].value if key in row.values else None
        return value is None, 0 if value is None else -value if descending else value

    def below(outer: tuple[str, ...]) -> list[PlaceRow]:
        ordered = sorted(inside.get(outer, ()), key=rank, reverse=descending and key == "name")
        return [one for row in ordered for one in (row, *below(row.path))]

    return below(())


def open_keys(query: QueryDict, rows: Sequence[PlaceRow], *, everything: bool) -> set[str]:
    """Whose places are shown: those in the address; all where there are few rows, or some were searched for."""
    if everything or ("open" not in query and len(rows) <= OPEN_AT_FIRST):
        return {key_of(row.path) for row in rows}
    return set(query.getlist("open"))


def lines(
    rows: Sequence[PlaceRow],
    columns: Sequence[PlaceColumn],
    question: Question,
    top: Top,
    *,
    query: QueryDict,
    opened: set[str],
    picked: Sequence[str],
) -> list[Line]:
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        counts[row.path[:-1]] = counts.get(row.path[:-1], 0) + 1
    tiers, store_page = city_tiers(), links.store_pages(question)
    outer = {key_of(row.path) for row in rows if len(row.path) < len(LEVELS[top])}

    def line(row: PlaceRow) -> Line:
        key, inside = key_of(row.path), counts.get(row.path, 0)
        return Line(
            row=row,
            key=key,
            trend=trend_id(row.path),
            cells=cells(row.values, columns),
            inside=inside,
            is_open=bool(inside) and key in opened,
            toggle=changed(query, open=sorted((opened & outer) ^ {key}) or [""]) if inside else "",
            link="" if inside or not row.path[-1] else store_page(row.path[-1]),
            token=tier_token(row.name.city_tier, tiers) if top == "city_tier" and not row.level else "",
            is_picked=key in picked,
        )

    return [line(row) for row in rows if is_shown(row, opened)]


def is_shown(row: PlaceRow, opened: set[str]) -> bool:
    """Whether all that it is in is open."""
    return all(key_of(row.path[:end]) in opened for end in range(1, len(row.path)))


def side_by_side(
    rows: Sequence[PlaceRow],
    columns: Sequence[PlaceColumn],
    chain: Sequence[PlaceCell],
    picked: Sequence[str],
) -> Mapping[str, Any]:
    """A column a place, in the order they were chosen, the chain at the end, and a row a figure."""
    by_key = {key_of(row.path): row for row in rows}
    chosen = [by_key[key] for key in picked]
    by_place = [*((row.name.label, cells(row.values, columns)) for row in chosen), (_("Chain"), chain)]
    figures = [
        (one.title, [replace(own[place], label=name) for name, own in by_place]) for place, one in enumerate(columns)
    ]
    return {"places": chosen, "rows": figures} if chosen else {}


def changed(query: QueryDict, **values: list[str]) -> str:
    """An address's query with other values of some names."""
    query = query.copy()
    for name, own in values.items():
        query.setlist(name, own)
    return f"?{query.urlencode()}"
