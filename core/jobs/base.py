"""The base of tasks that work long: their limits of time and their queue."""

from celery import Task
from django.conf import settings

from core.shared.tasks import ChainTask


class LongTask(Task):  # type: ignore[type-arg]
    """Outside any chain, safe to run beside itself."""

    abstract = True
    queue = "long"
    soft_time_limit = settings.JOB_SOFT_TIME_LIMIT
    time_limit = settings.JOB_TIME_LIMIT
    acks_late = True


class LongChainTask(LongTask, ChainTask):
    abstract = True
