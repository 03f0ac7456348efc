"""What differs between the facts of some clients as they are stored and as they are now."""

import numpy as np

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import number

_KEY = ("client_id", "category_id", "day", "store_id")


def changes(old: Columns, new: Columns) -> tuple[Columns, Columns]:
    """Facts that were removed and facts that were added; one that differs is in both."""
    before = len(old["day"])
    if not before or not len(new["day"]):
        return old, new
    both = {name: np.concatenate((column, new[name])) for name, column in old.items()}
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
