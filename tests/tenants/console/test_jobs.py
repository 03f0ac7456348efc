"""The list of jobs: what waits or has failed in chains and outside, and starting it again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports.models import ImportRun
from core.mail.models import OutgoingMail
from core.mail.outbox import MOST_ATTEMPTS
from tenants.console.figures import take_versions
from tenants.console.jobs.kinds import KINDS
from tenants.console.jobs.listing import list_chain_jobs, list_platform_jobs
from tenants.console.models import ChainFigures, Job, OperatorAction, Restoration
from tenants.life import exports
from tenants.life.erasure import ERASING
from tenants.life.models import ChainExport, Erasure
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.console import HOST, set_back
from tests.plugins.locks import locked

OLD = timezone.now() - timedelta(hours=3)


def stuck_mail(attempts: int = MOST_ATTEMPTS) -> OutgoingMail:
    return OutgoingMail.objects.create(
        from_email="a@b.test", to=["lee@acme.test"], subject="Hi", text="t", attempts=attempts,
        error="550 no such user <lee@acme.test>", next_attempt_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip


def jobs(**which: object) -> list[tuple[str, str]]:
    with outside_chains():
        return list(Job.objects.filter(**which).order_by("kind", "status").values_list("kind", "status"))


def retry(client: ChainClient, reference: object) -> int:
    with outside_chains():
        job = Job.objects.get(reference=str(reference))
    return int(client.post(f"/console/job/{job.pk}/retry/").status_code)


def test_mail_of_a_chain(
    console_client: ChainClient, chain: Chain, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    mail = stuck_mail()
    stuck_mail(attempts=1)
    list_chain_jobs()
    assert jobs(chain=chain) == [("mail", "failed"), ("mail", "waiting")]
    said = console_client.get("/console/job/").content.decode()
    assert "550 no such user" in said
    assert "lee@acme.test" not in said
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(console_client, mail.pk) == 302
    with outside_chains():
        assert OperatorAction.objects.filter(what__startswith="Started again: mail").count() == 1
    assert not OutgoingMail.objects.filter(pk=mail.pk).exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("job.retried", "operator ops@platform.test")
    # The button of a page that is old by now.
    assert jobs(chain=chain) == [("mail", "waiting")]


def test_mail_of_the_platform(console_client: ChainClient) -> None:
    with outside_chains():
        stuck_mail()
        list_platform_jobs()
        job = Job.objects.get()
        assert (job.kind, job.chain) == ("platform-mail", None)
    assert console_client.post(f"/console/job/{job.pk}/retry/").status_code == 302
    with outside_chains():
        assert OutgoingMail.objects.get().attempts == 0
        assert not Job.objects.exists()
    assert console_client.post(f"/console/job/{job.pk}/retry/").status_code == 404


def test_imports(
    console_client: ChainClient,
    chain: Chain,
    hq_user: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    made = {
        status: ImportRun.objects.create(
            kind="clients", file_name="a.csv", path="x", status=status, created_by=hq_user, started_at=OLD
        )
        for status in ImportRun.Status
    }
    list_chain_jobs()
    with outside_chains():
        found = set(Job.objects.values_list("reference", flat=True))
    assert found == {str(made[status].pk) for status in ("queued", "running", "failed")}
    failed = made[ImportRun.Status.FAILED]
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(console_client, failed.pk) == 302
    failed.refresh_from_db()
    # It was worked on: its file is not there.
    assert failed.status == ImportRun.Status.REFUSED
    with outside_chains():
        assert not Job.objects.filter(reference=str(failed.pk)).exists()


def test_an_import_whose_person_is_gone_is_refused_in_words(console_client: ChainClient, chain: Chain) -> None:
    run = ImportRun.objects.create(kind="clients", file_name="a.csv", path="x", status="failed", started_at=OLD)
    list_chain_jobs()
    retry(console_client, run.pk)
    assert "no longer here" in console_client.get("/console/job/").content.decode()
    run.refresh_from_db()
    assert run.status == "failed"
    assert not AuditEntry.objects.exists()
    with outside_chains():
        assert not OperatorAction.objects.filter(what__startswith="Started").exists()


def test_exports(console_client: ChainClient, chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        failed = ChainExport.objects.create(chain=chain, status="failed", asked_by="x")
        ChainExport.objects.create(chain=other_chain, status="failed", asked_by="x")
        ChainExport.objects.create(chain=other_chain, status="done", asked_by="x")
        list_platform_jobs()
    assert jobs() == [("export", "failed")]
    assert retry(console_client, failed.pk) == 302
    with outside_chains():
        assert ChainExport.objects.get(pk=failed.pk).status == "waiting"
        assert not Job.objects.exists()


def test_an_export_beside_another_is_refused_in_words(console_client: ChainClient, chain: Chain) -> None:
    with outside_chains():
        failed = ChainExport.objects.create(chain=chain, status="failed", asked_by="x")
        list_platform_jobs()
        running = ChainExport.objects.create(chain=chain, status="running", asked_by="x", started_at=timezone.now())
    with locked(exports._lock_of(str(running.pk))):
        retry(console_client, failed.pk)
    assert "being made already" in console_client.get("/console/job/").content.decode()


def test_what_was_interrupted_has_failed_at_once(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        now = timezone.now()
        lost, made = (
            ChainExport.objects.create(chain=one, status="running", asked_by="x", started_at=now)
            for one in (chain, other_chain)
        )
        one = Restoration.objects.create(schema="new", file_name="a", size=1, status="running", asked_by="x")
        with locked(exports._lock_of(str(made.pk))):
            list_platform_jobs()
        assert jobs() == [("export", "failed"), ("restoration", "failed")]
        one.refresh_from_db()
        assert "was interrupted" in one.problem
        assert ChainExport.objects.get(pk=lost.pk).status == "failed"
        assert ChainExport.objects.get(pk=made.pk).status == "running"


def test_what_is_at_work_is_not_listed(chain: Chain) -> None:
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(erase_at=OLD)
        ChainFigures.objects.create(chain=chain, migrations_missing=1)
        with locked(ERASING), locked(migration_lock(chain.schema_name)):
            list_platform_jobs()
            assert jobs() == []
        list_platform_jobs()
    assert jobs() == [("erasure", "failed"), ("migration", "waiting")]


def test_restorations_erasures_and_migrations(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        Restoration.objects.create(schema="new", file_name="a", size=1, status="failed", asked_by="x")
        Restoration.objects.create(schema="bad", file_name="a", size=1, status="refused", asked_by="x")
        Restoration.objects.create(schema="soon", file_name="a", size=1, asked_by="x")
        gone = Erasure.objects.create(name_hash="x", schema="gone", in_backups_until=OLD.date(), tables=1)
        Erasure.objects.filter(pk=gone.pk).update(erased_at=OLD)
        Chain.objects.filter(pk=other_chain.pk).update(erase_at=OLD)
        ChainFigures.objects.create(chain=chain, migrations_missing=1, migration_problem="boom")
        ChainFigures.objects.create(chain=other_chain, migrations_missing=1)
        list_platform_jobs()
    assert jobs() == [
        ("erasure", "failed"), ("erasure", "waiting"), ("migration", "failed"), ("migration", "waiting"),
        ("restoration", "failed"),
    ]  # fmt: skip


def test_a_migration_is_started_again(
    committed_operator: User, make_committed_chain: Callable[..., Chain], no_second_factor: None
) -> None:
    chain = make_committed_chain()
    set_back(chain)
    client = ChainClient(headers={"host": HOST})
    client.force_login(committed_operator)
    list_again()
    assert jobs(chain=chain) == [("migration", "waiting")]
    assert retry(client, chain.pk) == 302
    list_again()
    assert jobs(chain=chain) == []
    assert "current" in client.get(f"/tenants/chain/?q={chain.schema_name}").content.decode()
    with tenant_context(chain):
        assert not OutgoingMail.objects.exists()
        assert AuditEntry.objects.get().action == "chain.migrated"


def list_again() -> None:
    with outside_chains():
        take_versions()
        list_platform_jobs()


def test_a_lost_restoration_tells_that_the_archive_is_gone(
    console_client: ChainClient, settings: Settings, tmp_path: Path
) -> None:
    settings.EXPORT_ROOT = tmp_path
    with outside_chains():
        one = Restoration.objects.create(schema="new", file_name="a", size=1, status="failed", asked_by="x")
        list_platform_jobs()
    retry(console_client, one.pk)
    assert "Upload it again" in console_client.get("/console/job/").content.decode()


def test_a_job_that_goes_on_keeps_its_row(chain: Chain) -> None:
    stuck_mail(attempts=1)
    list_chain_jobs()
    with outside_chains():
        before = Job.objects.get()
    OutgoingMail.objects.update(attempts=MOST_ATTEMPTS)
    list_chain_jobs()
    with outside_chains():
        assert (Job.objects.get().pk, Job.objects.get().status) == (before.pk, "failed")


def test_one_chains_jobs_leave_anothers(chain: Chain, other_chain: Chain) -> None:
    stuck_mail()
    list_chain_jobs()
    with tenant_context(other_chain):
        list_chain_jobs()
    assert jobs(chain=chain) == [("mail", "failed")]


def test_only_by_a_button(console_client: ChainClient, chain: Chain) -> None:
    stuck_mail()
    list_chain_jobs()
    with outside_chains():
        job = Job.objects.get()
    assert console_client.get(f"/console/job/{job.pk}/retry/").status_code == 405
    assert not AuditEntry.objects.exists()


def test_every_kind_has_its_title() -> None:
    assert all(str(kind.title) for kind in KINDS.values())
    assert len(KINDS) == 8
