"""What every test may use. tests/plugins/server.py is loaded earlier, through pytest's options in pyproject.toml."""

import os

from hypothesis import HealthCheck, settings

import config.celery  # noqa: F401 - tasks that tests send are done in place by it

pytest_plugins = [
    "tests.plugins.memory",
    "tests.plugins.database",
    "tests.plugins.homes",
    "tests.plugins.ordering",
    "tests.plugins.chains",
    "tests.plugins.salons",
    "tests.plugins.imports",
    "tests.plugins.jobs",
    "tests.plugins.stripe",
    "tests.plugins.stripe_live",
    "tests.plugins.console",
    "tests.plugins.outages",
    "tests.plugins.serving",
    "tests.plugins.workers",
]

# How long an example takes says something of the machine, not of what is tested. Examples differ from run to run on
# purpose: a failure prints how to make it again.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("suite")


def pytest_xdist_auto_num_workers() -> int:
    """More than there are processors: many tests wait, for servers to start and for time to pass."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors + max(2, processors // 2)
