"""Where, to whom and for what clients come back: what is known of the first day in a period and the one after it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.reporting.counting import Selection
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.facts.binary_copy import Columns
from core.reporting.grouped_counts import cached, grouped_counts, selection_of
from core.reporting.history import History, HistoryCounting
from core.reporting.question import Question

# Of clients who did not come back in the period; categories have their id and one more.
NOT_BACK = 0


@dataclass(frozen=True)
class Flows:
    """Of the clients of a question who came back: where the first return was, and who served them.

    `named` are those whose first visit names a member of staff; that person served `same_person` of them again, on any
    day in the rest of the period.
    """

    clients: int
    repeats: int
    same_store: int
    same_tier: int
    elsewhere: int
    named: int
    same_person: int


def flows(question: Question, data: Data) -> Flows:
    total = grouped_counts(replace(question, by="none"), data).total()
    by_staff = grouped_counts(replace(question, by="staff"), data)
    has_name = np.array([key != "" for key in by_staff.keys], np.bool_)
    rows = (by_staff.cells["inside"] == 1) & has_name[by_staff.cells["group"]]
    named, same_person = (int(by_staff.cells[name][rows].sum()) for name in ("repeat_clients", "repeat_same_staff"))
    counts = total.counts
    return Flows(
        clients=total.clients,
        repeats=counts["repeat_clients"],
        same_store=counts["repeat_same_store"],
        same_tier=counts["repeat_same_tier"],
        elsewhere=counts["repeat_elsewhere"],
        named=named,
        same_person=same_person,
    )


class NextCategories(HistoryCounting):
    """Clients by the category of the first visit of their first day and of their next one in the period."""

    keys = ("first_category", "next_category")
    counts = ("clients",)
    in_order = True

    def parts(self, history: History, selection: Selection) -> Sequence[Columns]:  # noqa: ARG002
        first, category = history.first, history.columns["lead_category_id"].astype(np.int64)
        days = np.flatnonzero(history.is_day & history.in_period)
        # The next day of anyone, which is the client's own where the unit is the same.
        after = np.append(days, -1)[np.searchsorted(days, first) + 1]
        came_back = (after >= 0) & (history.unit[after] == history.unit[first])
        return [
            {
                **history.keys(first),
                "first_category": category[first],
                "next_category": np.where(came_back, category[after] + 1, NOT_BACK),
                "clients": np.ones(len(first), np.int64),
            }
        ]


@dataclass(frozen=True)
class CategoryRow:
    """Clients who began with a category, and how many of them came next for each, by its key."""

    key: str
    label: str
    clients: int
    back: Mapping[str, int]

    @property
    def repeats(self) -> int:
        return sum(self.back.values())


def category_matrix(question: Question, data: Data) -> list[CategoryRow]:
    """The category with most clients first."""
    question = replace(question, by="none")
    counts = cached("next_categories", question, data, lambda: _next_categories(question, data))
    names = DIMENSIONS["category"].named(
        {_raw_key(one) for first, following in counts for one in (first, following - 1)}
    )
    back: dict[int, dict[str, int]] = defaultdict(dict)
    clients: dict[int, int] = defaultdict(int)
    for (first, following), number in counts.items():
        clients[first] += number
        if following != NOT_BACK:
            back[first][names[_raw_key(following - 1)].key] = number
    found = [
        CategoryRow(name.key, name.label, number, back[one])
        for one, number in clients.items()
        for name in (names[_raw_key(one)],)
    ]
    return sorted(found, key=lambda row: (-row.clients, row.key))


def _raw_key(category: int) -> str:
    return str(category) if category > 0 else ""


def _next_categories(question: Question, data: Data) -> dict[tuple[int, int], int]:
    counting = NextCategories()
    with data.reader() as reader:
        (cells,) = counting.count(reader, [selection_of(question, data)], data.places)
    inside = data.places.inside(question)[cells["location_id"]]
    found: dict[tuple[int, int], int] = defaultdict(int)
    columns = (cells[name][inside].tolist() for name in ("first_category", "next_category", "clients"))
    for first, following, clients in zip(*columns, strict=True):
        found[first, following] += clients
    return dict(found)
