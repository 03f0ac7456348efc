"""The base of tasks that work long: a chain's imports, exports and samples, and the platform's restorations.

A job waits in its own row, and its message only hurries it. One job of a chain is at work at a time, under a lock that
dies with its process: a message that finds the lock taken is dropped, and whoever holds it sends the next job in line
at the end. So no chain holds more than one process, and its second job stands behind all that waited before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once
from typing import Any

from celery import Task, current_app
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core.shared.chain import current_schema, is_inside_chain, outside_chain
from core.shared.locks import is_locked, jobs_lock, try_lock
from core.shared.rate_limits import is_over_limit
from core.shared.sending import send
from core.shared.tasks import OPERATOR_HEADER, ChainTask

# What waits for longer although nothing of the chain is at work has lost its message.
LOST_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Waiting:
    """A job that waits: what its task takes, since when, and the operator it is done for."""

    args: tuple[Any, ...]
    since: datetime
    operator: str = ""


# By the name of the task: the job of its kind that has waited longest, in the chain entered or on the platform.
FirstWaiting = Callable[[], Waiting | None]
_in_chain: dict[str, FirstWaiting] = {}
_of_platform: dict[str, FirstWaiting] = {}


class ChainJob(ChainTask):
    """Returns whether there was work to do. Each is registered with `register_chain_job`."""

    abstract = True
    soft_time_limit = settings.JOB_SOFT_TIME_LIMIT
    time_limit = settings.JOB_TIME_LIMIT
    # Safe, since the row says that the job was begun: delivered again, it tells that it was interrupted.
    reject_on_worker_lost = True

    def run_inside(self, *args: Any, **kwargs: Any) -> Any:
        return _alone(lambda: super(ChainJob, self).run_inside(*args, **kwargs))


class LongTask(Task):  # type: ignore[type-arg]
    """Outside any chain, safe to run beside itself."""

    abstract = True
    soft_time_limit = settings.JOB_SOFT_TIME_LIMIT
    time_limit = settings.JOB_TIME_LIMIT
    acks_late = True


class PlatformJob(LongTask):
    """What ChainJob is to chains, for the platform's own work."""

    abstract = True
    reject_on_worker_lost = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        with outside_chain():
            return _alone(lambda: super(PlatformJob, self).__call__(*args, **kwargs))


def route(_name: str, _args: Any, _kwargs: Any, _options: Any, task: Any = None, **_more: Any) -> dict[str, str] | None:
    """For the settings: long work has a queue of its own."""
    return {"queue": "long"} if isinstance(task, ChainJob | LongTask) else None


def register_chain_job(task_name: str, first_waiting: FirstWaiting) -> None:
    _in_chain[task_name] = first_waiting


def register_platform_job(task_name: str, first_waiting: FirstWaiting) -> None:
    _of_platform[task_name] = first_waiting


def send_next(*args: Any) -> bool:
    """Sends the job that has waited longest, unless one is at work, which sends it at its end.

    With arguments only if that is the job which has them: another one's message is on its way already.
    Returns False where the queue does not answer; the schedule sends it later.
    """
    found = _first_in_line()
    if found is None or (args and found[1].args != args) or is_locked(jobs_lock()):
        return True
    return _send(*found)


def send_lost() -> None:
    """Once more what waits though nothing is at work. Called by pages that wait, and each minute by the schedule."""
    found = _first_in_line()
    if found is None or found[1].since > timezone.now() - LOST_AFTER or is_locked(jobs_lock()):
        return
    if is_over_limit("jobs-sent-again", current_schema(), times=1, seconds=int(LOST_AFTER.total_seconds())):
        return
    _send(*found)


def _alone(work: Callable[[], Any]) -> Any:
    with try_lock(jobs_lock()) as free:
        worked = free and work()
    if worked:
        send_next()
    return worked


def _first_in_line() -> tuple[str, Waiting] | None:
    _load_tasks()
    jobs = _in_chain if is_inside_chain() else _of_platform
    waiting = [(name, first) for name, ask in jobs.items() if (first := ask()) is not None]
    return min(waiting, key=lambda job: job[1].since, default=None)


def _send(name: str, job: Waiting) -> bool:
    return send(current_app.tasks[name], *job.args, headers={OPERATOR_HEADER: job.operator})


@once
def _load_tasks() -> None:
    """A web process knows only the tasks of the pages it has loaded."""
    autodiscover_modules("tasks")
