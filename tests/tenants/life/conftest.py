"""Chains with everything in them that a life can lose."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from tenants.life.erasure import name_hashes
from tenants.life.models import Erasure
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tests.plugins.chains import make_user, outside_chains
from tests.plugins.salons import make_salon

RESTORED = "restored"


@pytest.fixture
def places(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.EXPORT_ROOT = tmp_path / "exports"
    return tmp_path


@pytest.fixture
def furnished(make_committed_chain: Callable[..., Chain], places: Path, tmp_path: Path) -> Iterator[Chain]:
    """A salon with users, visits, an import and files. What a test restores under RESTORED is dropped too."""
    chain = make_committed_chain(name="美丽 & Co", currency="EUR", time_zone="Europe/Berlin", language="en")
    with tenant_context(chain):
        owner = make_user("owner@acme.test", role=User.Role.OWNER)
        make_salon()
        till = tmp_path / "till.csv"
        till.write_text('visit_ref,started_at,client_ref,amount\n"1",2025-06-01,"K\\N,""x""",5\n')
        options = ImportOptions(store="S001", create_missing=True)
        import_file(kind="visits", source=till, options=options, acting_user=owner)
    folder = places / "files" / chain.schema_name / "imports" / "一个"
    folder.mkdir(parents=True)
    (folder / "upload").write_bytes(b"\x00\xff" * 1000)
    yield chain
    with outside_chains():
        for left in Chain.objects.filter(schema_name__startswith=RESTORED):
            drop_chain(left)


def rows_of(chain: Chain) -> dict[str, Any]:
    """All rows of all tables, but for sessions, mail, the record of migrations and the trail; without passwords."""
    with tenant_context(chain), connection().cursor() as cursor:
        with connection().as_login():
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
                " AND relname NOT IN ('django_session', 'mail_outgoingmail', 'django_migrations', 'audit_auditentry')"
            )
            tables = cursor.fetchall()
        found = {}
        for (table,) in tables:
            cursor.execute(f"SELECT (to_jsonb(t) - 'password')::text FROM \"{table}\" t ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def erasures_of(schema: str) -> list[Erasure]:
    """The records of erased chains of that name."""
    return list(Erasure.objects.filter(name_hash__in=name_hashes(schema)))
