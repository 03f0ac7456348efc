"""Keeps the list of open work, and starts a piece of it again."""

from django.db import transaction
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.trail import record
from core.shared.chain import current_chain, outside_chain
from core.shared.locks import lock_transaction
from core.shared.origin import as_operator
from tenants.console.action_log import log_action
from tenants.console.declaration import Action
from tenants.console.models import Job
from tenants.console.open_work.job_tables import job_sources
from tenants.console.open_work.sources import SOURCES, Found, Source
from tenants.life.ownership import audit_subject
from tenants.models import Chain


def sources() -> dict[str, Source]:
    return {**SOURCES, **{source.name: source for source in job_sources()}}


def list_chain_jobs() -> None:
    """Of the chain entered: what is kept in its schema."""
    found = {source: list(source.find()) for source in sources().values() if source.in_chain}
    schema = current_chain().schema_name
    with outside_chain():
        chain = Chain.objects.filter(schema_name=schema).first()
        if chain is not None:
            for source, work in found.items():
                _keep(source, work, chain)


def list_platform_jobs() -> None:
    """All others. Called outside any chain."""
    for source in sources().values():
        if not source.in_chain:
            _keep(source, list(source.find()))


def retry(job: Job, *, acting_user: User) -> None:
    """Called outside any chain. Asked for twice, it is done once. Raises AppError where it cannot be done any more."""
    source = sources()[job.kind]
    with transaction.atomic():
        _wait_for_turn()
        if not Job.objects.filter(pk=job.pk).exists():
            # Started by another press meanwhile.
            return
        if job.chain is not None and source.in_chain:
            with tenant_context(job.chain), as_operator(acting_user.email):
                source.retry(job.reference, acting_user.email)
                list_chain_jobs()
        else:
            with as_operator(acting_user.email):
                source.retry(job.reference, acting_user.email)
            _keep(source, list(source.find()))
        if job.chain is not None and not source.is_in_trail:
            with tenant_context(job.chain), as_operator(acting_user.email):
                record(action=Action.JOB_RETRIED, subject=audit_subject(job.chain), after={"kind": job.kind})
        log_action(acting_user, f"Started again: {source.name} {job.reference}", chain=job.chain)


def _wait_for_turn() -> None:
    """Whoever starts jobs again does so one after the other, and so sees what the one before has left."""
    lock_transaction("start jobs again")


def _keep(source: Source, work: list[Found], chain: Chain | None = None) -> None:
    """As it is now, in place of what is known; a piece of work that goes on keeps its row."""
    known = Job.objects.filter(kind=source.name, **({"chain": chain} if chain else {}))
    rows = [
        Job(
            kind=source.name,
            chain_id=chain.pk if chain else found.chain_id,
            reference=found.reference,
            status=found.status,
            since=found.since,
            problem=found.problem[:1000],
        )
        for found in work
    ]
    with transaction.atomic():
        known.exclude(reference__in=[row.reference for row in rows]).delete()
        Job.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "chain", "reference"],
            update_fields=["status", "since", "problem"],
        )
