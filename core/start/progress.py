"""How far the background is with the sample, for the page: in the cache, where it does no harm to be lost."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs.base import Waiting
from core.shared.chain import current_schema
from core.shared.locks import is_locked
from core.shared.origin import current_origin

# Longer than it may wait and take.
SECONDS = 24 * 3600
_KEY = "start:sample"


@dataclass(frozen=True)
class SampleWork:
    """`removing` or else loading, for whom and since when; `problem` is why it ended badly."""

    removing: bool
    user_id: int = 0
    operator: str = ""
    since: datetime | None = None
    running: bool = False
    done: int = 0
    total: int = 0
    problem: str = ""

    @property
    def is_under_way(self) -> bool:
        return not self.problem


def begin(*, removing: bool, user_id: int) -> bool:
    """Whether it waits for a worker now: False while other work is under way."""
    now = sample_work()
    if now is not None and not now.is_under_way:
        end()
    work = SampleWork(removing, user_id, current_origin().operator, timezone.now())
    return cache.add(_KEY, asdict(work), SECONDS)


def tell(work: SampleWork) -> None:
    cache.set(_KEY, asdict(work), SECONDS)


def end() -> None:
    cache.delete(_KEY)


def sample_work() -> SampleWork | None:
    """One whose worker was killed has a problem, and is under way no more."""
    work = _told()
    if work is None or not work.running or not work.is_under_way or is_locked(sample_lock()):
        return work
    # It may have ended between the two looks.
    return _told() and replace(work, problem=_("The work on the sample was interrupted. Try again."))


def first_waiting(*, removing: bool) -> Callable[[], Waiting | None]:
    def find() -> Waiting | None:
        work = _told()
        if work is None or work.running or work.problem or work.removing != removing or work.since is None:
            return None
        return Waiting((work.user_id,), work.since, work.operator)

    return find


def sample_lock() -> str:
    """Held by the worker that is at it."""
    return f"sample of {current_schema()}"


def _told() -> SampleWork | None:
    told: dict[str, Any] | None = cache.get(_KEY)
    return SampleWork(**told) if told else None
