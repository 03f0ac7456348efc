"""What every test may use. tests/plugins/server.py is loaded earlier, through pytest's options in pyproject.toml."""

import config.celery  # noqa: F401 - tasks that tests send are done in place by it

pytest_plugins = [
    "tests.plugins.database",
    "tests.plugins.homes",
    "tests.plugins.chains",
    "tests.plugins.salons",
    "tests.plugins.imports",
    "tests.plugins.stripe",
    "tests.plugins.stripe_live",
    "tests.plugins.console",
]
