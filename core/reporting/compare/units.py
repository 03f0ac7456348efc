"""The clients behind a proportion in two periods, a row for each that counts: what a change's interval is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.reporting.counting import FirstDays, Selection, dated
from core.reporting.data import Data
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block
from core.reporting.facts.reading import joined
from core.reporting.grouped_counts import selection_of
from core.reporting.grouping import parted, with_groups
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.periods import Period
from core.reporting.question import Question

_COLUMNS = ("client_id", "location_id", "is_new", "dimension", "repeats", "clients")


@dataclass(frozen=True)
class Units:
    """Those in the places asked for. A fact that is gone takes away one that had come, with a sign. `keys` are raw keys
    of the groups that `groups` numbers."""

    keys: Sequence[str]
    groups: NDArray[np.integer]
    client_ids: NDArray[np.integer]
    stores: NDArray[np.integer]
    repeats: NDArray[np.integer]
    clients: NDArray[np.integer]
    is_before: NDArray[np.bool_]

    def as_one_group(self) -> "Units":
        return replace(self, keys=["all"], groups=np.zeros_like(self.groups))


def units_of(question: Question, current: Period, before: Period, data: Data) -> Units:
    parts = [_rows(question, period, data) for period in (current, before)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows["is_before"] = np.repeat([0, 1], [len(part["clients"]) for part in parts])
    keys, rows = with_groups(question, rows, data)
    inside = rows["inside"] == 1
    rows = {name: column[inside] for name, column in rows.items()}
    return Units(
        keys=keys,
        groups=rows["group"],
        client_ids=rows["client_id"],
        stores=rows["store"],
        repeats=rows["repeats"],
        clients=rows["clients"],
        is_before=rows["is_before"] == 1,
    )


def _rows(question: Question, period: Period, data: Data) -> Columns:
    metric = METRICS[question.metric]
    selection = selection_of(replace(question, start=period.start, end=period.end), data)
    names = selection.columns({*metric.columns(selection), "client_id"})
    with data.reader() as reader:
        blocks = reader.read(names, start=period.start, end=period.end, of_categories=selection.of_categories)
    empty = {name: np.empty(0, np.int64) for name in _COLUMNS}
    parts = [empty, *(_of_block(block, metric, selection, data) for block in joined(blocks))]
    return parted({name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}, selection, data)


def _of_block(block: Block, metric: Metric, selection: Selection, data: Data) -> Columns:
    for column in {"location_id", selection.stream.next_location} & block.columns.keys():
        data.places.cover(block.columns[column])
    first = FirstDays(dated(block, selection, data.places), selection)
    tally = metric.tally(first, selection, data.places)
    repeats, clients = (np.asarray(tally[name]).astype(np.int64) * block.sign for name in metric.proportion)
    keys = first.keys(of_strata=False)
    return {
        "client_id": first.column("client_id").astype(np.int64),
        "repeats": repeats,
        "clients": clients,
        **{name: keys[name].astype(np.int64) for name in ("location_id", "is_new", "dimension")},
    }
