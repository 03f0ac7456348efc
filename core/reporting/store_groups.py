"""Which of the chain's own groups its stores were in on each day.

Facts know a store's place, not its groups. Where groups are asked for, the days of a store are parted at those on which
it joined or left one: within a part, numbered from 0, its groups are the same.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.derivation import EPOCH
from core.reporting.question import NONE_KEY
from core.stores.selectors import Membership, group_memberships, group_names

Ints = NDArray[np.integer]


@dataclass(frozen=True, repr=False)
class StoreGroups:
    names: tuple[str, ...]
    memberships: tuple[Membership, ...]

    def __repr__(self) -> str:
        """Differs wherever a store may be in another group: what was counted is kept under it."""
        return hashlib.sha256(repr((self.names, self.memberships)).encode()).hexdigest()

    @cached_property
    def _of_store(self) -> dict[int, list[Membership]]:
        found: dict[int, list[Membership]] = defaultdict(list)
        for membership in self.memberships:
            found[membership.store_id].append(membership)
        return dict(sorted(found.items()))

    @cached_property
    def _changes(self) -> list[list[date]]:
        """The days on which the groups of each store that has some change, after the first day there is."""
        return [
            sorted({day for one in own for day in (one.valid_from, one.valid_until) if day} - {date.min})
            for own in self._of_store.values()
        ]

    @cached_property
    def _days(self) -> list[date]:
        return sorted({day for changes in self._changes for day in changes})

    def days_within(self, start: date, end: date) -> list[date]:
        """Days that part [start, end): on each the groups of some store change."""
        return [day for day in self._days if start < day < end]

    def changed_within(self, start: date, end: date) -> set[int]:
        """Ids of the stores that joined or left a group on a day after the first one of [start, end)."""
        return {
            store
            for store, days in zip(self._of_store, self._changes, strict=True)
            if any(start < day < end for day in days)
        }

    @cached_property
    def _most_parts(self) -> int:
        return 1 + max(map(len, self._changes), default=0)

    @cached_property
    def _parts(self) -> NDArray[np.int64]:
        """The part of each store that has groups (row 0: any other), by how many of `_days` have passed."""
        days = np.array(self._days, "datetime64[D]")
        rows = [np.searchsorted(np.array(changes, "datetime64[D]"), days, side="right") for changes in self._changes]
        table = np.zeros((1 + len(rows), 1 + len(days)), np.int64)
        for row, parts in enumerate(rows, 1):
            table[row, 1:] = parts
        return table

    @cached_property
    def _is_in(self) -> NDArray[np.bool_]:
        """By row, part and group, the last of which is none."""
        table = np.zeros((1 + len(self._of_store), self._most_parts, 1 + len(self.names)), np.bool_)
        numbers = {name: number for number, name in enumerate(self.names)}
        for row, (own, changes) in enumerate(zip(self._of_store.values(), self._changes, strict=True), 1):
            for part, day in enumerate([date.min, *changes]):
                for one in own:
                    table[row, part, numbers[one.group]] |= one.holds_on(day)
        table[:, :, -1] = ~table[:, :, :-1].any(axis=2)
        return table

    def _rows(self, store_ids: Ints) -> NDArray[np.int64]:
        known = np.array([-1, *self._of_store], np.int64)
        rows = np.minimum(np.searchsorted(known, store_ids), len(known) - 1)
        return np.where(known[rows] == store_ids, rows, 0)

    def part_on(self, store_ids: Ints, days: Ints) -> NDArray[np.int64]:
        """The parts of these stores that hold these days (from 2000-01-01)."""
        changes = [(day - EPOCH).days for day in self._days]
        return np.asarray(self._parts[self._rows(store_ids), np.searchsorted(changes, days, side="right")])

    def dated(self, location_ids: Ints, store_ids: Ints, days: Ints) -> NDArray[np.int64]:
        """A number for each location and the part that holds the day."""
        return location_ids * np.int64(self._most_parts) + self.part_on(store_ids, days)

    def undated(self, numbers: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The location and the part."""
        location, part = np.divmod(numbers.astype(np.int64), self._most_parts)
        return location, part

    def rows_by_group(self, store_ids: Ints, parts: Ints) -> tuple[list[str], Ints, Ints]:
        """The groups' names (empty: none), and pairs of a row and a group that it is of: a store may be in several."""
        rows, groups = np.nonzero(self._is_in[self._rows(store_ids), parts])
        return [*self.names, ""], rows, groups

    def inside(self, name: str, store_ids: Ints, parts: Ints) -> NDArray[np.bool_]:
        """Which are of the group of that name, or of none."""
        group = -1 if name == NONE_KEY else self.names.index(name)
        return np.asarray(self._is_in[self._rows(store_ids), parts, group])

    def overlap(self, start: date, end: date) -> bool:
        """Whether a store is in two groups on a day of [start, end)."""
        return any(_overlap(own, start, end) for own in self._of_store.values())


def read_store_groups() -> StoreGroups:
    return StoreGroups(tuple(group_names()), tuple(group_memberships()))


def _overlap(memberships: list[Membership], start: date, end: date) -> bool:
    spans = sorted(
        (max(one.valid_from, start), min(one.valid_until or end, end))
        for one in memberships
        if one.valid_from < end and (one.valid_until is None or one.valid_until > start)
    )
    return any(following[0] < span[1] for span, following in pairwise(spans))
