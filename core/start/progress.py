"""How far the background is with the sample, for the page: in the cache, where it does no harm to be lost."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache

# Renewed with each step; a worker that says nothing for so long is gone.
SECONDS = 120
_KEY = "start:sample"


@dataclass(frozen=True)
class SampleWork:
    """`removing` or else loading; `problem` is why it ended badly."""

    removing: bool
    done: int = 0
    total: int = 0
    problem: str = ""

    @property
    def is_under_way(self) -> bool:
        return not self.problem


def begin(work: SampleWork) -> bool:
    """Whether it is ours to begin: False while other work is under way."""
    now = sample_work()
    if now is not None and not now.is_under_way:
        end()
    return cache.add(_KEY, asdict(work), SECONDS)


def tell(work: SampleWork) -> None:
    cache.set(_KEY, asdict(work), SECONDS)


def end() -> None:
    cache.delete(_KEY)


def sample_work() -> SampleWork | None:
    told: dict[str, Any] | None = cache.get(_KEY)
    return SampleWork(**told) if told else None
