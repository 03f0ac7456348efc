"""What each client's facts of some days add up to, block by block: what is gone takes away what it had added, and no
fact has to be put beside the client's others."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import PLACES_A_ROW, compact, distinct, number
from core.reporting.facts.blocks import Block

# A number for each client, at the client's place.
ClientSums = NDArray[np.float64]
Amounts = NDArray[np.integer] | NDArray[np.bool_]


class ClientPlaces:
    """A place from 0 for each client of some blocks: the id itself where few below the highest are missing."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        ids = [block.columns["client_id"] for block in blocks]
        self.size = max((int(column.max(initial=0)) for column in ids), default=0) + 1
        self._known = None
        if self.size > PLACES_A_ROW * sum(map(len, ids)):
            self._known = np.unique(np.concatenate([np.empty(0, np.int64), *ids]))
            self.size = len(self._known)

    def of(self, client_ids: NDArray[np.integer]) -> NDArray[np.integer]:
        return client_ids if self._known is None else np.searchsorted(self._known, client_ids)


def added_up(
    parts: Sequence[tuple[int, NDArray[np.integer], Mapping[str, Amounts]]], places: ClientPlaces, names: Sequence[str]
) -> dict[str, ClientSums]:
    """Of parts of a sign, client ids and what each fact adds. All parts at once: there are few of a client in each."""
    own = places.of(np.concatenate([np.empty(0, np.int64), *(client_ids for _sign, client_ids, _amounts in parts)]))
    sums = {}
    for name in names:
        added = np.concatenate([np.empty(0), *(sign * amounts[name].astype(np.float64) for sign, _, amounts in parts)])
        sums[name] = np.zeros(places.size)
        if added.any():
            sums[name] += np.bincount(own, added, places.size)
    return sums


def client_units(
    client_ids: NDArray[np.integer], keys: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each row a number that rows alike in client and key share; and for each number the client and key. Some
    numbers may have no row. Most rows of a client have one key and get the client's own number, so that few have to be
    put in an order."""
    clients, size = compact(client_ids)
    usual, ids = np.zeros((2, size), np.int64)
    usual[clients], ids[clients] = keys, client_ids
    others = np.flatnonzero(usual[clients] != keys)
    found = distinct(number(clients[others], keys[others]))
    first, units = others[found.first], clients.copy()
    units[others] = size + found.which
    return units, np.concatenate([ids, client_ids[first]]), np.concatenate([usual, keys[first]])
