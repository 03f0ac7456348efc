"""The figures of the list of chains.

They are kept, not looked up by the page: a chain's tables are open to its own role alone, so a page of 50 chains would
switch roles 50 times, and could not be sorted by any of them. Each chain takes its own every few minutes, in a task;
where schemas stand is found for all chains at once.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.shared.chain import current_chain
from core.visits.models import Visit
from tenants.console.models import ChainFigures
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform
from tenants.provisioning.versions import SchemaVersion, schema_versions


def take_figures() -> None:
    """Of the chain entered."""
    taken: dict[str, Any] = {
        "taken_at": timezone.now(),
        "size": _size(),
        "users": User.objects.filter(is_active=True).count(),
        "clients": Client.objects.count(),
        "visits": Visit.objects.count(),
        "last_active_at": _last_active_at(),
    }
    schema = current_chain().schema_name
    with as_platform():
        chain = Chain.objects.filter(schema_name=schema).first()
        if chain is not None:
            ChainFigures.objects.update_or_create(chain=chain, defaults=taken)


def take_versions() -> None:
    """Of all chains. Called outside any chain."""
    pks = dict(Chain.objects.values_list("schema_name", "pk"))
    found = [version for version in schema_versions() if version.schema in pks]
    ChainFigures.objects.bulk_create(
        [_figures(pks[version.schema], version) for version in found],
        update_conflicts=True,
        unique_fields=["chain"],
        update_fields=["schema_version", "migrations_missing"],
    )
    # Brought up to date by whatever run: what went wrong before is over.
    ChainFigures.objects.filter(migrations_missing=0).exclude(migration_problem="").update(migration_problem="")


def keep_migration_problem(schema: str, problem: str) -> None:
    """Called outside any chain; nothing where it went well."""
    chain = Chain.objects.filter(schema_name=schema).first()
    if chain is not None:
        ChainFigures.objects.update_or_create(chain=chain, defaults={"migration_problem": problem})


def _figures(pk: int, version: SchemaVersion) -> ChainFigures:
    return ChainFigures(
        chain_id=pk,
        schema_version=f"{version.migrated_at:%Y-%m-%d}" if version.migrated_at else "",
        migrations_missing=len(version.missing),
    )


def _size() -> int:
    schema = current_chain().schema_name
    with as_platform(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'",
            [schema],
        )
        return int(cursor.fetchone()[0])


def _last_active_at() -> datetime | None:
    """The trail names people by number; what an operator did in someone's place is not the chain's activity."""
    own = AuditEntry.objects.filter(user_id__isnull=False).exclude(actor__startswith="operator ")
    return own.order_by("-at", "-id").values_list("at", flat=True).first()
