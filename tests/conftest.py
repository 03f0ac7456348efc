"""What every test may use. tests/plugins/server.py is loaded earlier, through pytest's options in pyproject.toml."""

pytest_plugins = ["tests.plugins.database", "tests.plugins.homes", "tests.plugins.chains", "tests.plugins.salons"]
