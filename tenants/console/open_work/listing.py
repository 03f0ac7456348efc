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
from tenants.console.models import OpenWork
from tenants.console.open_work.job_tables import job_sources
from tenants.console.open_work.sources import SOURCES, Source
from tenants.life.ownership import audit_subject
from tenants.models import Chain


def sources() -> dict[str, Source]:
    return {**SOURCES, **{source.name: source for source in job_sources()}}


def list_chain_work() -> None:
    """Of the chain entered: what is kept in its schema."""
    found = {source: list(source.find()) for source in sources().values() if source.in_chain}
    schema = current_chain().schema_name
    with outside_chain():
        chain = Chain.objects.filter(schema_name=schema).first()
        if chain is not None:
            for source, work in found.items():
                _store(source, work, chain)


def list_platform_work() -> None:
    """All others. Called outside any chain."""
    for source in sources().values():
        if not source.in_chain:
            _store(source, list(source.find()))


def retry(work: OpenWork, *, acting_user: User) -> None:
    """Called outside any chain. Asked for twice, it is done once. Raises AppError where it cannot be done any more."""
    source = sources()[work.kind]
    with transaction.atomic():
        # One after the other, so that each sees what the one before has left.
        lock_transaction("start jobs again")
        if not OpenWork.objects.filter(pk=work.pk).exists():
            # Started by another press meanwhile.
            return
        if work.chain is not None and source.in_chain:
            with tenant_context(work.chain), as_operator(acting_user.email):
                source.retry(work.reference, acting_user.email)
                list_chain_work()
        else:
            with as_operator(acting_user.email):
                source.retry(work.reference, acting_user.email)
            _store(source, list(source.find()))
        if work.chain is not None and not source.is_in_trail:
            with tenant_context(work.chain), as_operator(acting_user.email):
                record(action=Action.JOB_RETRIED, subject=audit_subject(work.chain), after={"kind": work.kind})
        log_action(acting_user, f"Started again: {source.name} {work.reference}", chain=work.chain)


def _store(source: Source, found: list[OpenWork], chain: Chain | None = None) -> None:
    """In place of what is known; a piece of work that goes on keeps its row."""
    known = OpenWork.objects.filter(kind=source.name, **({"chain": chain} if chain else {}))
    for work in found:
        work.kind, work.problem = source.name, work.problem[:1000]
        if chain is not None:
            work.chain = chain
    with transaction.atomic():
        known.exclude(reference__in=[work.reference for work in found]).delete()
        OpenWork.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["kind", "chain", "reference"],
            update_fields=["status", "since", "problem"],
        )
