"""Updates the figures shown in the list of chains.

They are stored because a chain's tables are open to its own role only: a page of 50 chains would have to switch roles
50 times, and could not sort by them. A task updates each chain's figures every few minutes; schema versions are read
for all chains at once.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.shared.chain import current_chain, outside_chain
from core.visits.models import Visit
from tenants.console.models import ChainFigures
from tenants.models import Chain
from tenants.provisioning.versions import SchemaVersion, schema_versions


def update_figures() -> None:
    """Update the figures of the current chain."""
    values: dict[str, Any] = {
        "taken_at": timezone.now(),
        "size": _schema_size(),
        "users": User.objects.filter(is_active=True).count(),
        "clients": Client.objects.count(),
        "visits": Visit.objects.count(),
        "last_active_at": _last_active_at(),
    }
    schema = current_chain().schema_name
    with outside_chain():
        chain = Chain.objects.filter(schema_name=schema).first()
        if chain is not None:
            ChainFigures.objects.update_or_create(chain=chain, defaults=values)


def update_schema_versions() -> None:
    """Update the schema versions of all chains. Call outside any chain."""
    pks = dict(Chain.objects.values_list("schema_name", "pk"))
    versions = [version for version in schema_versions() if version.schema in pks]
    ChainFigures.objects.bulk_create(
        [_build_figures(pks[version.schema], version) for version in versions],
        update_conflicts=True,
        unique_fields=["chain"],
        update_fields=["schema_version", "migrations_missing"],
    )
    # Chains that have been migrated since no longer have a problem.
    ChainFigures.objects.filter(migrations_missing=0).exclude(migration_problem="").update(migration_problem="")


def save_migration_problem(schema: str, problem: str) -> None:
    """Save why a chain's migration failed; empty if it succeeded. Call outside any chain."""
    chain = Chain.objects.filter(schema_name=schema).first()
    if chain is not None:
        ChainFigures.objects.update_or_create(chain=chain, defaults={"migration_problem": problem})


def _build_figures(pk: int, version: SchemaVersion) -> ChainFigures:
    return ChainFigures(
        chain_id=pk,
        schema_version=f"{version.migrated_at:%Y-%m-%d}" if version.migrated_at else "",
        migrations_missing=len(version.missing),
    )


def _schema_size() -> int:
    schema = current_chain().schema_name
    with outside_chain(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'",
            [schema],
        )
        return int(cursor.fetchone()[0])


def _last_active_at() -> datetime | None:
    """Return the time of the chain's last audit entry, without those of impersonating operators."""
    own = AuditEntry.objects.filter(user_id__isnull=False).exclude(actor__startswith="operator ")
    return own.order_by("-at", "-id").values_list("at", flat=True).first()
