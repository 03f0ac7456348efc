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
from core.jobs.models import Job, State
from core.mail.models import OutgoingMail
from core.mail.outbox import MAX_ATTEMPTS
from core.shared.locks import jobs_lock
from tenants.console.chain_figures import update_schema_versions
from tenants.console.models import ChainFigures, OpenWork, OperatorAction
from tenants.console.open_work.listing import list_chain_work, list_platform_work, sources
from tenants.life.erasure import ERASURE_LOCK
from tenants.life.models import Erasure
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.console import HOST, restoration, set_back
from tests.plugins.jobs import message_for
from tests.plugins.locks import locked

OLD = timezone.now() - timedelta(hours=3)


def stuck_mail(attempts: int = MAX_ATTEMPTS) -> OutgoingMail:
    return OutgoingMail.objects.create(
        from_email="a@b.test", to=["lee@acme.test"], subject="Hi", text="t", attempts=attempts,
        error="550 no such user <lee@acme.test>", next_attempt_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip


def jobs(**which: object) -> list[tuple[str, str]]:
    with outside_chains():
        return list(OpenWork.objects.filter(**which).order_by("kind", "status").values_list("kind", "status"))


def retry(client: ChainClient, reference: object) -> int:
    with outside_chains():
        job = OpenWork.objects.get(reference=str(reference))
    return int(client.post(f"/console/openwork/{job.pk}/retry/").status_code)


def test_mail_of_a_chain(
    console_client: ChainClient, chain: Chain, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    mail = stuck_mail()
    stuck_mail(attempts=1)
    list_chain_work()
    assert jobs(chain=chain) == [("mail", "failed"), ("mail", "waiting")]
    said = console_client.get("/console/openwork/").content.decode()
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
        list_platform_work()
        job = OpenWork.objects.get()
        assert (job.kind, job.chain) == ("platform-mail", None)
    assert console_client.post(f"/console/openwork/{job.pk}/retry/").status_code == 302
    with outside_chains():
        assert OutgoingMail.objects.get().attempts == 0
        assert not OpenWork.objects.exists()
    assert console_client.post(f"/console/openwork/{job.pk}/retry/").status_code == 404


def test_jobs_of_a_chain(
    console_client: ChainClient,
    chain: Chain,
    hq_user: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """Those that failed on our side, and that nobody takes."""
    run = ImportRun.objects.create(kind="clients", file_name="a.csv", path="x", created_by=hq_user)
    asked = {"kind": "import", "arguments": {"run": str(run.pk), "file": "a.csv"}, "user": hq_user, "queued_at": OLD}
    made = {state: Job.objects.create(state=state, error="Boom.", finished_at=OLD, **asked) for state in State}
    Job.objects.create(**{**asked, "queued_at": timezone.now()})
    list_chain_work()
    with outside_chains():
        found = set(OpenWork.objects.values_list("reference", "status"))
    assert found == {
        (str(made[State.WAITING].pk), "waiting"), (str(made[State.RUNNING].pk), "waiting"),
        (str(made[State.FAILED].pk), "failed"),
    }  # fmt: skip
    failed = made[State.FAILED]
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(console_client, failed.pk) == 302
    for job in Job.objects.filter(state="waiting"):
        message_for(job)
    failed.refresh_from_db()
    # It was worked on: its file is not there.
    assert (failed.state, failed.operator) == ("refused", "ops@platform.test")
    with outside_chains():
        assert not OpenWork.objects.filter(reference=str(failed.pk)).exists()


def test_while_a_chain_has_work_under_way_its_others_only_wait(chain: Chain) -> None:
    Job.objects.create(kind="export", queued_at=OLD)
    with locked(jobs_lock()):
        list_chain_work()
        assert jobs() == []
    list_chain_work()
    assert jobs() == [("export", "waiting")]


def test_a_job_whose_person_is_gone_is_refused_in_words(console_client: ChainClient, chain: Chain) -> None:
    job = Job.objects.create(kind="import", state="failed", finished_at=OLD, arguments={"run": "", "file": ""})
    list_chain_work()
    retry(console_client, job.pk)
    assert "no longer here" in console_client.get("/console/openwork/").content.decode()
    job.refresh_from_db()
    assert job.state == "failed"
    assert not AuditEntry.objects.exists()
    with outside_chains():
        assert not OperatorAction.objects.filter(what__startswith="Started").exists()


def test_exports(console_client: ChainClient, chain: Chain, other_chain: Chain) -> None:
    asked = {"kind": "export", "subject": "export", "operator": "x"}
    failed = Job.objects.create(state="failed", **asked)
    list_chain_work()
    with tenant_context(other_chain):
        Job.objects.create(state="failed", **asked)
        Job.objects.create(state="done", **asked)
        list_chain_work()
    assert jobs() == [("export", "failed")]
    assert retry(console_client, failed.pk) == 302
    failed.refresh_from_db()
    assert failed.state == "waiting"
    assert jobs() == []


def test_an_export_beside_another_is_refused_in_words(console_client: ChainClient, chain: Chain) -> None:
    asked = {"kind": "export", "subject": "export", "operator": "x"}
    failed = Job.objects.create(state="failed", **asked)
    list_chain_work()
    Job.objects.create(state="running", **asked)
    retry(console_client, failed.pk)
    assert "has gone on meanwhile" in console_client.get("/console/openwork/").content.decode()


def test_what_is_at_work_is_not_listed(chain: Chain) -> None:
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(erase_at=OLD)
        ChainFigures.objects.create(chain=chain, migrations_missing=1)
        with locked(ERASURE_LOCK), locked(migration_lock(chain.schema_name)):
            list_platform_work()
            assert jobs() == []
        list_platform_work()
    assert jobs() == [("erasure", "failed"), ("migration", "waiting")]


def test_restorations_erasures_and_migrations(chain: Chain, other_chain: Chain) -> None:
    with outside_chains():
        restoration("new", state="failed")
        restoration("bad", state="refused")
        restoration("soon")
        gone = Erasure.objects.create(name_hash="x", schema="gone", in_backups_until=OLD.date(), tables=1)
        Erasure.objects.filter(pk=gone.pk).update(erased_at=OLD)
        Chain.objects.filter(pk=other_chain.pk).update(erase_at=OLD)
        ChainFigures.objects.create(chain=chain, migrations_missing=1, migration_problem="boom")
        ChainFigures.objects.create(chain=other_chain, migrations_missing=1)
        list_platform_work()
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
        update_schema_versions()
        list_platform_work()


def test_a_failed_restoration_tells_that_the_archive_is_gone(
    console_client: ChainClient,
    operator: User,
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.EXPORT_ROOT = tmp_path
    with outside_chains():
        one = restoration("new", state="failed", user=operator)
        list_platform_work()
    with django_capture_on_commit_callbacks(execute=True):
        retry(console_client, one.pk)
    assert "Upload it again" in console_client.get("/console/restoration/").content.decode()


def test_a_job_that_goes_on_keeps_its_row(chain: Chain) -> None:
    stuck_mail(attempts=1)
    list_chain_work()
    with outside_chains():
        before = OpenWork.objects.get()
    OutgoingMail.objects.update(attempts=MAX_ATTEMPTS)
    list_chain_work()
    with outside_chains():
        assert (OpenWork.objects.get().pk, OpenWork.objects.get().status) == (before.pk, "failed")


def test_one_chains_jobs_leave_anothers(chain: Chain, other_chain: Chain) -> None:
    stuck_mail()
    list_chain_work()
    with tenant_context(other_chain):
        list_chain_work()
    assert jobs(chain=chain) == [("mail", "failed")]


def test_only_by_a_button(console_client: ChainClient, chain: Chain) -> None:
    stuck_mail()
    list_chain_work()
    with outside_chains():
        job = OpenWork.objects.get()
    assert console_client.get(f"/console/openwork/{job.pk}/retry/").status_code == 405
    assert not AuditEntry.objects.exists()


def test_every_sort_has_its_title() -> None:
    assert all(str(source.title) for source in sources().values())
    assert len(sources()) == 14
