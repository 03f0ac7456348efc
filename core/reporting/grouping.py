"""Which groups of a question counted cells are of, and whether they belong to the places asked for."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.cells import Cells
from core.reporting.counting import Selection
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.facts.anonymous import anonymous_amounts
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH
from core.reporting.places import Places
from core.reporting.question import Question


def anonymous_by_part(cursor: CursorWrapper, selection: Selection, places: Places) -> Columns:
    """By location, and by its parts where the selection counts in parts."""
    groups = selection.groups
    if groups is None or not selection.is_dated:
        return anonymous_amounts(cursor, start=selection.start, end=selection.end)
    spans = pairwise([selection.start, *groups.days_within(selection.start, selection.end), selection.end])
    parts = []
    for start, end in spans:
        amounts = anonymous_amounts(cursor, start=start, end=end)
        day = np.full(len(amounts["location_id"]), (start - EPOCH).days)
        locations = groups.dated(amounts["location_id"], places.store[amounts["location_id"]], day)
        parts.append({**amounts, "location_id": locations})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def parted(cells: Cells, selection: Selection, data: Data) -> Cells:
    """With the store of each cell, and the `part` of it that tells its groups where these are asked for."""
    groups, stores = selection.groups, data.places.store
    if groups is None:
        return {**cells, "store": stores[cells["location_id"]], "part": np.zeros_like(cells["location_id"])}
    if selection.is_dated:
        location, part = groups.undated(cells["location_id"])
        return {**cells, "location_id": location, "store": stores[location], "part": part}
    store = stores[cells["location_id"]]
    day = np.full(len(store), (selection.start - EPOCH).days)
    return {**cells, "store": store, "part": groups.part_on(store, day)}


def with_groups(question: Question, cells: Cells, data: Data) -> tuple[Sequence[str], Cells]:
    """The groups' raw keys, and cells with the `group` they are of and whether they belong `inside` the places asked
    for. A cell of several groups has a row for each."""
    inside = data.places.inside(question)[cells["location_id"]]
    if question.store_group is not None:
        inside = inside & data.store_groups.inside(question.store_group, cells["store"], cells["part"])
    cells = {**cells, "inside": inside.astype(np.int64)}
    outer, _separator, inner = question.by.partition("/")
    if outer == "store_group":
        keys, rows, group = data.store_groups.rows_by_group(cells["store"], cells["part"])
        cells = {name: column[rows] for name, column in cells.items()}
        if inner:
            keys, group = _within(keys, group, *DIMENSIONS[question.by].groups(cells, data.places))
    else:
        keys, group = DIMENSIONS[question.by].groups(cells, data.places)
    return keys, {**cells, "group": group.astype(np.int64)}


def _within(
    outer: Sequence[str], outer_group: NDArray[np.integer], inner: Sequence[str], inner_group: NDArray[np.integer]
) -> tuple[list[str], NDArray[np.integer]]:
    """Of each pair that there is. The places within groups have keys that begin with the separator."""
    pairs, group = np.unique(outer_group * np.int64(len(inner)) + inner_group, return_inverse=True)
    return [outer[pair // len(inner)] + inner[pair % len(inner)] for pair in pairs.tolist()], group


def overlaps(question: Question, selection: Selection) -> bool:
    """Whether clients may stand in several groups."""
    if question.by.partition("/")[0] == "store_group" and selection.groups:
        return selection.groups.overlap(selection.start, selection.end)
    return DIMENSIONS[question.by].overlaps and question.category is None
