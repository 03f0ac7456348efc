from time import monotonic

from celery import shared_task

from core.jobs.base import LongChainTask
from core.reporting.facts import period_cache
from core.reporting.facts.building import build_layout
from core.shared.chain import current_schema
from core.shared.locks import try_lock
from core.shared.tasks import ChainTask

# Seconds after which the rest is left to another task, so that others get their turn.
BUILDING = 20


@shared_task(base=ChainTask)
def fold_facts() -> None:
    """Folds what changes have appended to the facts."""
    period_cache.fold()


@shared_task(base=LongChainTask)
def build_facts() -> None:
    """Builds the newest layout of facts where the chain has it not, and deletes what is left of former ones."""
    end = monotonic() + BUILDING
    with try_lock(current_schema(), "fact layout") as free:
        more = free
        while more and monotonic() < end:
            more = build_layout()
    if more:
        build_facts.delay()
