"""From which day on facts have changed: what was worked out from earlier ones alone still holds.

Each change of facts notes the first day that it concerns with a random number. What an answer may be told by is the
exclusive or of the numbers of all days that it looks at: it differs after any change of these, in whatever order they
commit, and stays as it is when rows of one day are made one. A visit recorded today leaves answers on last year alone.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.arrays import Flags, number, stable_order
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH

# What no two facts have alike.
FACT_KEY = ("client_id", "category_id", "day", "store_id")
_BITS = 62


def note_change(cursor: CursorWrapper, *, removed: Columns, added: Columns) -> None:
    """In the transaction that changes these facts: one that differs is in both."""
    first = EPOCH + timedelta(days=_first_day(removed, added))
    cursor.execute("INSERT INTO reporting_factchange (day, number) VALUES (%s, %s)", [first, secrets.randbits(_BITS)])


def note_change_of_days(cursor: CursorWrapper, days: str, params: Sequence[Any] = ()) -> None:
    """Where what has no client changed, on the days of a query (`day`)."""
    cursor.execute(
        "INSERT INTO reporting_factchange (day, number) "  # noqa: S608
        f"SELECT day, %s FROM (SELECT min(day) AS day FROM ({days}) AS changed) AS first WHERE day IS NOT NULL",
        [secrets.randbits(_BITS), *params],
    )


def _first_day(removed: Columns, added: Columns) -> int:
    """From 2000-01-01. That a client came again on a later day changes no answer on earlier ones: what a fact knows of
    days after it is not looked at."""
    days = np.concatenate((removed["day"], added["day"]))
    if not len(removed["day"]) or not len(added["day"]):
        return int(days.min())
    names = [name for name in removed if not name.endswith(("_next", "_next_location_id"))]
    differs = differing(removed, added, names)
    return int(days[differs if differs.any() else slice(None)].min())


def differing(one: Columns, other: Columns, names: Iterable[str]) -> Flags:
    """Which facts, of `one` and then of `other`, are not in both with the same values of these columns."""
    both = {name: np.concatenate((one[name], other[name])) for name in names}
    key = number(*(both[name] for name in FACT_KEY))
    order = stable_order(key)
    first, second = order[:-1], order[1:]
    alike = key[first] == key[second]
    for column in both.values():
        alike &= column[first] == column[second]
    differs = np.ones(len(key), np.bool_)
    differs[first[alike]] = differs[second[alike]] = False
    return differs


def fold_changes(cursor: CursorWrapper) -> None:
    """Makes one row of the rows of each day."""
    cursor.execute(
        "WITH gone AS (DELETE FROM reporting_factchange WHERE day IN "
        "(SELECT day FROM reporting_factchange GROUP BY day HAVING count(*) > 1) RETURNING day, number) "
        "INSERT INTO reporting_factchange (day, number) SELECT day, bit_xor(number) FROM gone GROUP BY day"
    )
