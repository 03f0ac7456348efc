"""What has changed between the facts of some clients as they were and as they are."""

import numpy as np

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import FACT, number

_KEY = ("client_id", "category_id", "day", "store_id")


def changes(old: Columns, new: Columns) -> tuple[Columns, Columns]:
    """Facts that are gone, and facts that have come to be; one that differs is in both."""
    before = len(old["day"])
    if not before or not len(new["day"]):
        return old, new
    both = {name: np.concatenate((old[name], new[name])) for name in FACT.names or ()}
    key = number(*(both[name] for name in _KEY))
    order = np.argsort(key, kind="stable")
    first, second = order[:-1], order[1:]
    alike = key[first] == key[second]
    for column in both.values():
        alike &= column[first] == column[second]
    changed = np.ones(len(key), np.bool_)
    changed[first[alike]] = changed[second[alike]] = False
    return (
        {name: column[changed[:before]] for name, column in old.items()},
        {name: column[changed[before:]] for name, column in new.items()},
    )
