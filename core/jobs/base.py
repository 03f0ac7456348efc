"""The base of tasks that work long: their limits of time and their queue."""

from typing import Any

from celery import Task
from django.conf import settings

from core.shared.tasks import ChainTask


class LongTask(Task):  # type: ignore[type-arg]
    """Outside any chain, safe to run beside itself."""

    abstract = True
    soft_time_limit = settings.JOB_SOFT_TIME_LIMIT
    time_limit = settings.JOB_TIME_LIMIT
    acks_late = True


class LongChainTask(ChainTask):
    abstract = True
    soft_time_limit = settings.JOB_SOFT_TIME_LIMIT
    time_limit = settings.JOB_TIME_LIMIT


def route(_name: str, _args: Any, _kwargs: Any, _options: Any, task: Any = None, **_more: Any) -> dict[str, str] | None:
    """For the settings: long work has a queue of its own."""
    return {"queue": "long"} if isinstance(task, LongChainTask | LongTask) else None
