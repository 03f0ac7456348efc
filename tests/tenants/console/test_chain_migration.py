"""A chain brought up to date from the console, on real connections."""

from collections.abc import Callable

from django_tenants.utils import tenant_context

from core.audit.models import AuditEntry
from tenants.console.chain_migration import migrate_chain_for_operator
from tenants.console.models import ChainFigures
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import outside_chains

NEWEST = ("mail", "0001_initial")


def figures(chain: Chain) -> ChainFigures:
    with outside_chains():
        return ChainFigures.objects.get(chain=chain)


def test_with_nothing_to_do_it_says_so(make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain()
    with outside_chains():
        migrate_chain_for_operator(chain.pk, "ops@platform.test")
        migrate_chain_for_operator(990_001, "ops@platform.test")
    with tenant_context(chain):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("chain.migrated", "operator ops@platform.test")
    assert (figures(chain).migrations_missing, figures(chain).migration_problem) == (0, "")


def test_what_went_wrong_is_kept(make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain()
    with tenant_context(chain), connection().as_owner(), connection().cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", NEWEST)
    with outside_chains():
        # The table is there, so the migration cannot make it.
        migrate_chain_for_operator(chain.pk, "ops@platform.test")
    assert figures(chain).migrations_missing == 1
    assert "already exists" in figures(chain).migration_problem
    with tenant_context(chain):
        assert not AuditEntry.objects.exists()
        with connection().as_owner(), connection().cursor() as cursor:
            cursor.execute("DROP TABLE mail_outgoingmail")
    with outside_chains():
        migrate_chain_for_operator(chain.pk, "ops@platform.test")
    assert (figures(chain).migrations_missing, figures(chain).migration_problem) == (0, "")
