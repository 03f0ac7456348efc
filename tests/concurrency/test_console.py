"""Operators who press the same button, or each other's, at the same time: over real connections."""

from collections.abc import Callable
from pathlib import Path

from django.core import mail
from django.db import connection
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.impersonation import audit_entries
from core.jobs.models import Job
from core.mail.models import OutgoingMail
from core.mail.outbox import MAX_ATTEMPTS
from tenants.console.chain_figures import update_schema_versions
from tenants.console.models import ChainFigures, OpenWork, OperatorAction
from tenants.console.open_work.listing import list_chain_work, list_platform_work, retry
from tenants.console.operators import deactivate_operator
from tenants.models import Chain
from tests.plugins.at_once import refusals_at_once
from tests.plugins.chains import make_user, outside_chains
from tests.plugins.console import make_operator, set_back

PRESSES = 6


def pressed(operator: User) -> list[str]:
    """The only job, started again by several presses, each from a page that showed it."""
    with outside_chains():
        job = OpenWork.objects.select_related("chain").get()
    return refusals_at_once(*[lambda: retry(job, acting_user=operator)] * PRESSES)


def started() -> int:
    with outside_chains():
        return OperatorAction.objects.filter(what__startswith="Started again").count()


def trail(chain: Chain) -> list[str]:
    with tenant_context(chain):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_letter_goes_out_once(committed_operator: User, make_committed_chain: Callable[..., Chain]) -> None:
    with tenant_context(chain := make_committed_chain()):
        OutgoingMail.objects.create(
            from_email="a@b.test", to=["lee@acme.test"], subject="Hi", text="t", attempts=MAX_ATTEMPTS,
            next_attempt_at=timezone.now(),
        )  # fmt: skip
        list_chain_work()
    assert pressed(committed_operator) == [""] * PRESSES
    assert [letter.to for letter in mail.outbox] == [["lee@acme.test"]]
    assert trail(chain) == ["job.retried"]
    assert started() == 1


def test_an_export_is_made_once(
    committed_operator: User, make_committed_chain: Callable[..., Chain], settings: Settings, tmp_path: Path
) -> None:
    settings.EXPORT_ROOT = tmp_path
    with tenant_context(chain := make_committed_chain()):
        export = Job.objects.create(kind="export", subject="export", state="failed", operator="x")
        list_chain_work()
    assert pressed(committed_operator) == [""] * PRESSES
    with outside_chains():
        assert not OpenWork.objects.exists()
    with tenant_context(chain):
        export.refresh_from_db()
        assert (export.state, export.attempts) == ("done", 1)
    assert len(list(tmp_path.rglob("*.zip"))) == 1
    assert trail(chain) == ["job.retried"]
    assert started() == 1


def test_a_migration_runs_once(committed_operator: User, make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain()
    set_back(chain)
    with outside_chains():
        update_schema_versions()
        list_platform_work()
    assert pressed(committed_operator) == [""] * PRESSES
    with outside_chains():
        figures = ChainFigures.objects.get(chain=chain)
    assert (figures.migrations_missing, figures.migration_problem) == (0, "")
    with tenant_context(chain), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'mail'")
        assert cursor.fetchone() == (1,)
    assert set(trail(chain)) == {"chain.migrated"}


def test_two_operators_who_turn_each_other_out_leave_one(committed_operator: User) -> None:
    with outside_chains():
        other = make_operator("other@platform.test")
    ends = refusals_at_once(
        lambda: deactivate_operator(acting_user=committed_operator, operator_id=other.pk),
        lambda: deactivate_operator(acting_user=other, operator_id=committed_operator.pk),
    )
    assert ends == ["", "not_allowed"]
    with outside_chains():
        assert User.objects.filter(is_active=True).count() == 1


def test_a_stay_ends_once(make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain()
    with tenant_context(chain):
        user = make_user("owner@acme.test", role=User.Role.OWNER)
        audit_entries.record_beginning("a1b2", operator="ops@platform.test", user=user, reason="Request 4711")

    def end() -> None:
        with tenant_context(chain):
            audit_entries.record_end("a1b2")

    assert refusals_at_once(*[end] * PRESSES) == [""] * PRESSES
    assert trail(chain) == ["impersonation.began", "impersonation.ended"]
