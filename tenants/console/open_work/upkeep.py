"""Work on chains as a whole: erasures and migrations."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.shared.locks import is_locked
from core.shared.task_queue import send_or_refuse
from tenants.console import tasks
from tenants.console.models import ChainFigures, OpenWork
from tenants.console.open_work.sources import Source, Status, register
from tenants.life.erasure import ERASURE_LOCK
from tenants.life.models import Erasure
from tenants.life.tasks import run_chain_upkeep
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock

# What is due for longer has been left.
PATIENCE = timedelta(minutes=1)


def find_erasures() -> Iterator[OpenWork]:
    """Those due whose chain is still there, or whose last files are; none while erasures are at work."""
    if is_locked(ERASURE_LOCK):
        return
    late = timezone.now() - timedelta(hours=2)
    for chain in Chain.objects.filter(erase_at__lt=late):
        if chain.erase_at is not None:
            yield OpenWork(reference=chain.schema_name, status=Status.FAILED, since=chain.erase_at, chain_id=chain.pk)
    for erasure in Erasure.objects.filter(finished_at=None, erased_at__lt=timezone.now() - PATIENCE):
        problem = _("Files or cached answers are still there.")
        yield OpenWork(reference=str(erasure.pk), status=Status.WAITING, since=erasure.erased_at, problem=problem)


def find_migrations() -> Iterator[OpenWork]:
    """Chains behind this release."""
    for figures in ChainFigures.objects.filter(migrations_missing__gt=0).select_related("chain"):
        if is_locked(migration_lock(figures.chain.schema_name)):
            continue
        status = Status.FAILED if figures.migration_problem else Status.WAITING
        yield OpenWork(
            reference=str(figures.chain_id),
            status=status,
            since=figures.taken_at or timezone.now(),
            problem=figures.migration_problem,
            chain_id=figures.chain_id,
        )


def retry_erasure(_reference: str, _operator: str) -> None:
    """Whatever is due."""
    transaction.on_commit(lambda: send_or_refuse(run_chain_upkeep))


def retry_migration(reference: str, operator: str) -> None:
    transaction.on_commit(lambda: send_or_refuse(tasks.migrate, int(reference), operator))


register(Source(name="erasure", title=gettext_lazy("Erasure"), find=find_erasures, retry=retry_erasure))
register(
    Source(
        name="migration",
        title=gettext_lazy("Migration"),
        find=find_migrations,
        retry=retry_migration,
        is_in_trail=True,
    )
)
