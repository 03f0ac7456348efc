"""Work that is kept in `public`: exports, restorations, erasures, and migrations of chains."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.jobs.base import LOST_AFTER
from core.shared.locks import is_locked
from core.shared.sending import send_or_refuse
from tenants.console import restorations, tasks
from tenants.console.jobs.kinds import Found, Kind, Status, register
from tenants.console.models import ChainFigures, Restoration
from tenants.life import exports
from tenants.life.erasure import ERASING
from tenants.life.models import ChainExport, Erasure
from tenants.life.tasks import look_after_chains
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock

KEPT = timedelta(days=14)


def find_exports() -> Iterator[Found]:
    """Those that failed, or were interrupted, and were not made since; and those that wait."""
    exports.give_up_interrupted()
    now = timezone.now()
    for export in (
        ChainExport.objects.filter(asked_at__gt=now - KEPT).order_by("chain_id", "-asked_at").distinct("chain")
    ):
        found = Found(reference=str(export.pk), status=Status.WAITING, since=export.asked_at, chain_id=export.chain_id)
        if export.status == ChainExport.Status.WAITING and export.asked_at < now - LOST_AFTER:
            yield found
        elif export.status == ChainExport.Status.FAILED:
            yield Found(**{**found.__dict__, "status": Status.FAILED})


def find_restorations() -> Iterator[Found]:
    """Refused archives are the operator's to mend; those that failed, were interrupted or wait can be tried again."""
    restorations.give_up_interrupted()
    now = timezone.now()
    statuses = Restoration.Status
    for one in Restoration.objects.filter(asked_at__gt=now - KEPT).exclude(
        status__in=[statuses.DONE, statuses.REFUSED]
    ):
        if one.status == statuses.FAILED:
            yield Found(reference=str(one.pk), status=Status.FAILED, since=one.asked_at, problem=one.problem)
        elif one.status == statuses.WAITING and one.asked_at < now - LOST_AFTER:
            yield Found(reference=str(one.pk), status=Status.WAITING, since=one.asked_at)


def find_erasures() -> Iterator[Found]:
    """Those due whose chain is still there, or whose last files are; none while erasures are at work."""
    if is_locked(ERASING):
        return
    late = timezone.now() - timedelta(hours=2)
    for chain in Chain.objects.filter(erase_at__lt=late):
        if chain.erase_at is not None:
            yield Found(reference=chain.schema_name, status=Status.FAILED, since=chain.erase_at, chain_id=chain.pk)
    for erasure in Erasure.objects.filter(finished_at=None, erased_at__lt=timezone.now() - LOST_AFTER):
        problem = _("Files or cached answers are still there.")
        yield Found(reference=str(erasure.pk), status=Status.WAITING, since=erasure.erased_at, problem=problem)


def find_migrations() -> Iterator[Found]:
    """Chains behind this release."""
    for figures in ChainFigures.objects.filter(migrations_missing__gt=0).select_related("chain"):
        if is_locked(migration_lock(figures.chain.schema_name)):
            continue
        status = Status.FAILED if figures.migration_problem else Status.WAITING
        yield Found(
            reference=str(figures.chain_id),
            status=status,
            since=figures.taken_at or timezone.now(),
            problem=figures.migration_problem,
            chain_id=figures.chain_id,
        )


def retry_export(reference: str, _operator: str) -> None:
    exports.make_again(reference)


def retry_restoration(reference: str, _operator: str) -> None:
    restorations.start_again(reference)


def retry_erasure(_reference: str, _operator: str) -> None:
    """Whatever is due."""
    transaction.on_commit(lambda: send_or_refuse(look_after_chains))


def retry_migration(reference: str, operator: str) -> None:
    transaction.on_commit(lambda: send_or_refuse(tasks.migrate, int(reference), operator))


register(Kind(name="export", title=gettext_lazy("Export of a chain"), find=find_exports, retry=retry_export))
register(Kind(name="restoration", title=gettext_lazy("Restoration"), find=find_restorations, retry=retry_restoration))
register(Kind(name="erasure", title=gettext_lazy("Erasure"), find=find_erasures, retry=retry_erasure))
register(
    Kind(
        name="migration",
        title=gettext_lazy("Migration"),
        find=find_migrations,
        retry=retry_migration,
        is_in_trail=True,
    )
)
