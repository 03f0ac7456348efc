"""Keeps the list of jobs, and starts one again."""

from django.db import transaction
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.actions import Action
from core.audit.trail import record
from core.shared.chain import current_chain
from core.shared.locks import lock_transaction
from core.shared.origin import as_operator
from tenants.console.jobs import chain_work, platform_work  # noqa: F401 - each registers its kinds
from tenants.console.jobs.kinds import KINDS, Found, Kind
from tenants.console.log import note
from tenants.console.models import Job
from tenants.life.owners import as_subject
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform


def list_chain_jobs() -> None:
    """Of the chain entered: the kinds that are kept in its schema."""
    found = {kind: list(kind.find()) for kind in KINDS.values() if kind.in_chain}
    schema = current_chain().schema_name
    with as_platform():
        chain = Chain.objects.filter(schema_name=schema).first()
        if chain is not None:
            for kind, jobs in found.items():
                _keep(kind, jobs, chain)


def list_platform_jobs() -> None:
    """All others. Called outside any chain."""
    for kind in KINDS.values():
        if not kind.in_chain:
            _keep(kind, list(kind.find()))


def retry_job(job: Job, *, acting_user: User) -> None:
    """Called outside any chain. Asked for twice, it is done once. Raises AppError where it cannot be done any more."""
    kind = KINDS[job.kind]
    with transaction.atomic():
        _wait_for_turn()
        if not Job.objects.filter(pk=job.pk).exists():
            # Started by another press meanwhile.
            return
        if job.chain is not None and kind.in_chain:
            with tenant_context(job.chain), as_operator(acting_user.email):
                kind.retry(job.reference, acting_user.email)
                list_chain_jobs()
        else:
            kind.retry(job.reference, acting_user.email)
            _keep(kind, list(kind.find()))
        if job.chain is not None and not kind.is_in_trail:
            with tenant_context(job.chain), as_operator(acting_user.email):
                record(action=Action.JOB_RETRIED, subject=as_subject(job.chain), after={"kind": job.kind})
        note(acting_user, f"Started again: {kind.name} {job.reference}", chain=job.chain)


def _wait_for_turn() -> None:
    """Whoever starts jobs again does so one after the other, and so sees what the one before has left."""
    lock_transaction("start jobs again")


def _keep(kind: Kind, jobs: list[Found], chain: Chain | None = None) -> None:
    """As they are now, in place of those known; a job that goes on keeps its row."""
    known = Job.objects.filter(kind=kind.name, **({"chain": chain} if chain else {}))
    rows = [
        Job(
            kind=kind.name,
            chain_id=chain.pk if chain else found.chain_id,
            reference=found.reference,
            status=found.status,
            since=found.since,
            problem=found.problem[:1000],
        )
        for found in jobs
    ]
    with transaction.atomic():
        known.exclude(reference__in=[row.reference for row in rows]).delete()
        Job.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "chain", "reference"],
            update_fields=["status", "since", "problem"],
        )
