"""Kinds of jobs of the tests' own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from core.imports.declaration import IMPORT
from core.jobs import kinds
from core.jobs.kinds import JobKind
from core.jobs.work import Work

Run = Callable[[Work], Mapping[str, Any] | None]


@pytest.fixture
def declare() -> Iterator[Callable[..., str]]:
    """A kind that does what the test says; gives its name."""
    known = dict(kinds.kinds())

    def made(run: Run, **options: Any) -> str:
        kind = JobKind(**{"name": "test", "label": "Test work", "right": IMPORT, "run": run, **options})
        kinds.register(kind)
        return kind.name

    yield made
    kinds._kinds.clear()
    kinds._kinds.update(known)
