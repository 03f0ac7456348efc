"""Kinds of clients that a gap is split by, and counts of the clients of each kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from numpy.typing import NDArray

from core.reporting.cells import Cells, Tally
from core.reporting.counting import FirstDays, Selection
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.grouped_counts import GroupedCounts, grouped_counts
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.metrics.repurchase_rate import RepurchaseRate
from core.reporting.metrics.value_segments import SEGMENTS, UNKNOWN
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.decomposition import Counts

# `usual`: the dictionary's strata; of a period and the one before, without the category.
Split = Literal["usual", "category", "acquisition", "member_tier", "value_segment"]
SPLITS: tuple[Split, ...] = get_args(Split)
# Values of the cells' columns that a kind is told by.
Kind = tuple[int, ...]
SPLIT_TITLES: dict[Split, Promise] = {
    "usual": gettext_lazy("Category, new or returning, and time"),
    "category": gettext_lazy("Category of the first visit"),
    "acquisition": gettext_lazy("New or returning"),
    "member_tier": gettext_lazy("Member tier"),
    "value_segment": gettext_lazy("Value segment by the year before"),
}


class RepurchaseByTier(RepurchaseRate):
    """The repurchase rate's counts by the member tier of the first day, whatever else clients are told apart by."""

    code = "repurchase_rate_by_tier"
    keys = ("member_tier_id",)
    counts = RepurchaseRate.proportion
    keeps_periods = False
    is_adjusted = False

    def columns(self, selection: Selection) -> set[str]:  # noqa: ARG002
        return {"member_tier_id"}

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:  # noqa: ARG002
        return {
            "member_tier_id": first.column("member_tier_id"),
            "repeat_clients": self.came_back(first, selection),
            "clients": np.ones(len(first.since), np.bool_),
        }


@dataclass(frozen=True)
class _Way:
    """Columns of cells that tell a kind, and the metric that has them where the repurchase rate's has not."""

    columns: tuple[str, ...]
    metric: Metric | None = None


_WAYS: Mapping[Split, _Way] = {
    "usual": _Way(("lead_category_id", "is_new", "third")),
    "category": _Way(("lead_category_id",)),
    "acquisition": _Way(("is_new",)),
    "member_tier": _Way(("member_tier_id",), RepurchaseByTier()),
    "value_segment": _Way(("before",), METRICS["value_segments"]),
}


def splits_of(question: Question) -> list[Split]:
    """What tells kinds apart within each of the question's groups."""
    same = {question.by} | {name for name in ("category", "member_tier") if getattr(question, name) is not None}
    return [split for split in SPLITS if split not in same]


@dataclass(frozen=True)
class KindCounts:
    """Of a question: the counts of its cells, the columns that tell the kinds, and raw keys by the groups' keys."""

    grouped: GroupedCounts
    columns: tuple[str, ...]
    raw_keys: Mapping[str, str]

    @classmethod
    def of(cls, question: Question, split: Split, data: Data, *, without: frozenset[str]) -> "KindCounts":
        """`without`: columns by which kinds are not told apart."""
        way = _WAYS[split]
        grouped = grouped_counts(question, data, way.metric)
        names = DIMENSIONS[question.by].named(grouped.keys)
        columns = tuple(column for column in way.columns if column not in without)
        return cls(grouped, columns, {name.key: raw for raw, name in names.items()})

    def group(self, key: str) -> NDArray[np.bool_]:
        """The cells of a group's clients in the places asked for."""
        return np.asarray((self.cells["inside"] == 1) & self.anywhere(key))

    def anywhere(self, key: str) -> NDArray[np.bool_]:
        """The same wherever they are."""
        number = self.grouped.keys.index(self.raw_keys[key]) if key in self.raw_keys else -1
        return np.asarray(self.cells["group"] == number)

    @property
    def cells(self) -> Cells:
        return self.grouped.cells

    def table(self, which: NDArray[np.bool_]) -> dict[Kind, Counts]:
        """Of the cells chosen, repeats and clients of each kind."""
        rows = np.column_stack([self.cells[column][which] for column in self.columns])
        kinds, alike = np.unique(rows, axis=0, return_inverse=True)
        repeats, clients = (
            np.bincount(alike.ravel(), self.cells[name][which], len(kinds)).astype(np.int64)
            for name in ("repeat_clients", "clients")
        )
        return {
            tuple(kind): (x, n)
            for kind, x, n in zip(kinds.tolist(), repeats.tolist(), clients.tolist(), strict=True)
            if n
        }

    @property
    def is_known(self) -> bool:
        """Value segments are not told where the data reaches back too little."""
        return "before" not in self.columns or not (self.cells["before"] == UNKNOWN).any()


def kind_names(kinds: Iterable[Kind], columns: tuple[str, ...]) -> dict[Kind, str]:
    known = {column: _NAMES[column](columns) for column in columns}
    return {
        kind: " · ".join(known[column].get(value, _("none")) for column, value in zip(columns, kind, strict=True))
        for kind in kinds
    }


def _by_id(by: Literal["category", "member_tier"]) -> Callable[[tuple[str, ...]], Mapping[int, str]]:
    # Both read all there are, whatever they are asked for.
    return lambda _columns: {int(raw): name.label for raw, name in DIMENSIONS[by].names(()).items()}


_NAMES: Mapping[str, Callable[[tuple[str, ...]], Mapping[int, str]]] = {
    "lead_category_id": _by_id("category"),
    "member_tier_id": _by_id("member_tier"),
    "is_new": lambda columns: (
        {0: _("returning"), 1: pgettext("client", "new")}
        if len(columns) > 1
        else {0: _("Returning clients"), 1: _("New clients")}
    ),
    "third": lambda _columns: {0: _("first third"), 1: _("second third"), 2: _("last third")},
    "before": lambda _columns: {number: str(title) for number, title in SEGMENTS.values()},
}
