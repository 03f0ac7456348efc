"""What takes long comes first in the share of each worker, so that none is left with it when the others have ended."""

import os
from itertools import groupby

import pytest

FIRST = ("slow", "browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """xdist gives each worker as many of the tests as the others, in their order."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if any(map(item.get_closest_marker, FIRST))]
    others = [item for item in items if not any(map(item.get_closest_marker, FIRST))]
    # What a module has made for its tests is made once.
    modules = [list(tests) for _module, tests in groupby(long, key=lambda item: item.nodeid.partition("::")[0])]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = [item for tests in modules[worker::workers] for item in tests]
        free = len(items) * (worker + 1) // workers - len(ordered) - len(share)
        ordered += share + others[: max(0, free)]
        del others[: max(0, free)]
    items[:] = ordered + others
