"""Python looks for garbage less often: each time it would look through a hundred megabytes of tests and modules."""

import gc

import pytest

# Objects made since, before the young are looked through (700 by default); what is left of them is looked through
# after ten times as many, and all after ten times that.
MADE = 50_000


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(MADE, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """What has been imported and collected stays to the end."""
    gc.collect()
    gc.freeze()
