"""Jobs in tests: that nobody takes, that another process is at, that are done here and now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.jobs import tasks
from core.jobs.models import Job
from core.shared.locks import jobs_lock
from tests.plugins.locks import locked


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Messages are sent, and nobody takes them."""
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "send", lambda *_args, **_options: True)
        yield patch


def last_job() -> Job:
    return Job.objects.latest("asked_at")


def put(job: Job, **values: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()


def message_for(job: Job) -> None:
    """As a worker takes it."""
    tasks.run_chain_job.delay(str(job.pk))
    job.refresh_from_db()


@contextmanager
def at_work(job: Job) -> Iterator[None]:
    """Another process is."""
    put(job, state="running", attempts=1)
    with locked(jobs_lock()):
        yield
