"""Homes of their own for tests that start real servers, and the `revisit` command as a person runs it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from deploy.development.servers import processes
from deploy.development.servers.database import running_database

Revisit = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home; whatever still runs in it is ended."""
    place = tmp_path / "home"
    yield place
    processes.kill_leftovers(processes.marked(place))
    for program, folder in (("postgres", "postgres"), ("valkey-server", "valkey")):
        processes.kill_leftovers(processes.works_in(program, place / folder))


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its database made and migrated, and nothing running: for copies, which start much sooner."""
    place = tmp_path_factory.mktemp("prepared") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL")
        with running_database(place):
            pass
    return place


def copy_home(source: Path, target: Path) -> None:
    """Copy a home that nobody uses, with the owners of its files."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


@pytest.fixture
def furnished_home(prepared_home: Path, home: Path) -> Path:
    """The test's home with a database in it already."""
    copy_home(prepared_home, home)
    return home


@pytest.fixture
def bare_environment(home: Path) -> dict[str, str]:
    """What a person's shell has: no server named, so that the embedded ones are used."""
    named = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "REVISIT_TEST_RUN", "PORT", "STRIPE_SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in named and not name.startswith("PYTEST")}
    return {**kept, "REVISIT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}


@pytest.fixture
def revisit(bare_environment: Mapping[str, str]) -> Revisit:
    """Run one command to its end."""

    def run(*words: str, timeout: float = 120, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "config.cli", *words],
            env={**bare_environment, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
