"""Counts of clients and repeat clients by group and stratum."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.catalogue.models import ServiceCategory
from core.membership.models import MemberTier
from core.reporting.counting import COUNTS, Cells, Count, Dimension, count, summed
from core.reporting.facts.period_cache import is_standard, standard_cells
from core.reporting.places import Location, Places
from core.reporting.report import NONE_KEY, Breakdown, Question
from core.shared.errors import AppError
from core.shared.reading import report_cursor

_PLACE_KEYS: dict[Breakdown, Callable[[Location], str]] = {
    "city_tier": lambda place: place.city_tier,
    "region": lambda place: place.region,
    "city": lambda place: place.city,
    "store": lambda place: str(place.store_id),
}
_STRATUM = ("lead_category_id", "is_new", "third")
# By name of the count, as in `counting.COUNTS`.
Sums = Mapping[str, int]


@dataclass(frozen=True)
class CountedCells:
    """Clients alike in group and stratum."""

    # Of the groups: ids of stores, categories, tiers and staff as text, or the key itself; empty for none.
    keys: Sequence[str]
    # Columns: group (place in `keys`), inside (whether they belong to the places asked for), the stratum
    # (lead_category_id, is_new, third) and `counting.COUNTS`.
    cells: Cells

    def sums(self) -> dict[str, Sums]:
        """Counts of each group that has clients, in the places asked for."""
        within = self.cells["inside"] == 1
        groups = summed([{name: self.cells[name][within] for name in ("group", *COUNTS)}], ("group",))
        rows = zip(*(groups[name].tolist() for name in COUNTS), strict=True)
        return {
            self.keys[group]: dict(zip(COUNTS, counts, strict=True))
            for group, counts in zip(groups["group"].tolist(), rows, strict=True)
        }


def counted_cells(question: Question) -> CountedCells:
    """Raises AppError for a category or member tier that the chain does not have."""
    found = _grouped(question)
    return CountedCells(found.keys, summed([found.cells], ("group", "inside", *_STRATUM)))


def group_counts(question: Question) -> dict[str, tuple[int, int]]:
    """Repeat clients and clients of each group, of the places asked for alone."""
    return {key: (sums["repeats"], sums["clients"]) for key, sums in group_sums(question).items()}


def group_sums(question: Question) -> dict[str, Sums]:
    """All counts of each group, of the places asked for alone."""
    return _grouped(question).sums()


def _grouped(question: Question) -> CountedCells:
    """Cells as they are kept, several for one group and stratum."""
    places = Places()
    cells = _cells(question, places)
    keys, group = _groups(question.by, cells, places)
    inside = places.inside(question)[cells["location_id"]]
    return CountedCells(keys, {**cells, "group": group.astype(np.int64), "inside": inside.astype(np.int64)})


def _groups(by: Breakdown, cells: Cells, places: Places) -> tuple[list[str], NDArray[np.integer]]:
    if by == "none":
        return ["all"], np.zeros(len(cells["clients"]), np.int64)
    if by == "acquisition":
        return ["returning", "new"], cells["is_new"]
    if by in _PLACE_KEYS:
        keys, numbers = places.numbered(_PLACE_KEYS[by])
        return keys, numbers[cells["location_id"]]
    ids, group = np.unique(cells["dimension"], return_inverse=True)
    return [str(one) if one else "" for one in ids.tolist()], group


def _cells(question: Question, places: Places) -> Cells:
    asked = asked_of(question)
    if is_standard(asked.start, asked.end):
        filters = {"category": asked.category_id, "member_tier": asked.member_tier_id}
        given = [(dimension, wanted) for dimension, wanted in filters.items() if wanted is not None]
        if not given:
            return standard_cells(asked, places)
        if len(given) == 1 and not asked.dimension:
            # One value of a breakdown that is kept.
            dimension, wanted = cast("tuple[Dimension, int]", given[0])
            cells = standard_cells(replace(asked, dimension=dimension, category_id=None, member_tier_id=None), places)
            return {name: column[cells["dimension"] == wanted] for name, column in cells.items()}
    with report_cursor() as cursor:
        return count(cursor, asked, places)


def asked_of(question: Question) -> Count:
    """What has to be counted. Raises AppError for a category or member tier that the chain does not have."""
    return Count(
        start=question.start,
        end=question.end,
        scope=question.scope,
        basis=question.basis,
        dimension=cast("Dimension", question.by) if question.by in ("category", "member_tier", "staff") else "",
        category_id=None if question.category is None else _category_id(question.category),
        member_tier_id=None if question.member_tier is None else _member_tier_id(question.member_tier),
    )


def _category_id(name: str) -> int:
    found = ServiceCategory.objects.filter(name=name).values_list("id", flat=True).first()
    if found is None:
        raise AppError("unknown_category", _("There is no category “%s”.") % name, field="category")
    return found


def _member_tier_id(code: str) -> int:
    if code == NONE_KEY:
        return 0
    found = MemberTier.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise AppError("unknown_member_tier", _("There is no member tier “%s”.") % code, field="member_tier")
    return found
