"""Real workers and a real broker: no chain keeps another waiting, and what a worker leaves is seen at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django_tenants.utils import tenant_context
from psycopg import sql

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs.queueing import queue_import
from core.imports.runs.uploads import stored_path
from core.imports.services.rejects import make_import_folder
from core.jobs import tasks
from core.jobs.models import Job
from core.jobs.queue import cancel_job, is_lost
from core.jobs.tasks import send_next
from core.mail.backend import OutboxBackend
from core.shared.chain import outside_chain
from core.stores.services.stores import open_store
from core.visits.models import Visit
from tenants.life.exports import ask_export
from tenants.models import Chain
from tests.plugins import server
from tests.plugins.chains import make_user
from tests.plugins.workers import Workers, eventually

pytestmark = pytest.mark.slow
ROWS = "client_ref,started_at,amount\nKERT01,2025-03-15,82\n"
LONG, MAIL = ("--queues", "long", "--concurrency"), ("--queues", "mail", "--pool", "threads", "--concurrency", "4")


class Salon:
    """A chain with an owner and a store, and its files."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        with tenant_context(chain):
            self.owner = make_user("owner@acme.test", role=User.Role.OWNER)
            User.objects.update(language="en")
            open_store(code="S001", name="One", city="上海", city_tier="一线", region="华东")

    def queue_import(self, *, dry_run: bool = True) -> ImportRun:
        with tenant_context(self.chain):
            run = self.uploaded()
            queue_import(run, user=self.owner, dry_run=dry_run)
            return run

    def uploaded(self) -> ImportRun:
        path = make_import_folder() / "upload"
        path.write_text(ROWS)
        options = {"header": True, "delimiter": ",", "store": "S001", "create_missing": True}
        return ImportRun.objects.create(
            kind="visits", file_name="a.csv", path=stored_path(path), options=options, created_by=self.owner
        )

    def job(self, run: ImportRun) -> Job:
        """Its last."""
        with tenant_context(self.chain):
            return Job.objects.filter(subject=run.job_subject).latest("asked_at")

    def has(self, run: ImportRun, state: str) -> bool:
        return self.job(run).state == state

    def is_lost(self, run: ImportRun) -> bool:
        """As its page says."""
        with tenant_context(self.chain):
            return is_lost(self.job(run))

    def states(self, kind: str = "import") -> list[str]:
        with tenant_context(self.chain):
            return list(Job.objects.filter(kind=kind).order_by("queued_at").values_list("state", flat=True))

    def look_each_minute(self) -> None:
        """As the schedule has it done."""
        with tenant_context(self.chain):
            send_next()


@pytest.fixture
def make_salon(make_committed_chain: Callable[..., Chain]) -> Callable[[], Salon]:
    return lambda: Salon(make_committed_chain())


@contextmanager
def held_up(salon: Salon) -> Iterator[None]:
    """Whoever reads the chain's visits waits: work that takes as long as the test wants."""
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE) as session:
        table = sql.Identifier(salon.chain.schema_name, "visits_visit")
        session.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(table))
        yield


def kill_children(worker: psutil.Process) -> None:
    for child in worker.children():
        child.kill()


def test_six_files_of_one_chain_keep_nobody_waiting(
    make_salon: Callable[[], Salon], workers: Workers, tmp_path: Path
) -> None:
    hog, other = make_salon(), make_salon()
    workers.start(*LONG, "2")
    workers.start(*MAIL)
    with held_up(hog):
        runs = [hog.queue_import() for _ in range(6)]
        with tenant_context(hog.chain):
            ask_export(hog.chain, acting_user=hog.owner)
        eventually(lambda: hog.has(runs[0], "running"), workers.said)
        check = other.queue_import()
        with tenant_context(other.chain):
            OutboxBackend().send_messages([EmailMessage("Reset", "text", "us@revisit.test", ["li@acme.test"])])
        eventually(lambda: other.has(check, "done"), workers.said)
        eventually(lambda: list((tmp_path / "mail").glob("*")), workers.said)
        assert sorted(hog.states()) == ["running"] + ["waiting"] * 5
    eventually(lambda: hog.states() == ["done"] * 6, workers.said)
    eventually(lambda: hog.states("export") == ["done"], workers.said)


def test_the_second_of_one_chain_does_not_go_before_the_first_of_another(
    make_salon: Callable[[], Salon], workers: Workers
) -> None:
    hog, other = make_salon(), make_salon()
    workers.start(*LONG, "1")
    with held_up(hog):
        runs = [hog.queue_import() for _ in range(3)]
        check = other.queue_import()
        eventually(lambda: hog.has(runs[0], "running"), workers.said)
    eventually(lambda: hog.has(runs[2], "done"), workers.said)
    finished, began = other.job(check).finished_at, hog.job(runs[1]).started_at
    assert finished is not None
    assert began is not None
    assert finished < began


def test_killed_work_is_taken_up_by_itself(make_salon: Callable[[], Salon], workers: Workers) -> None:
    """By the message that comes again, since the worker's main process is there."""
    salon = make_salon()
    worker = workers.start(*LONG, "1")
    with held_up(salon):
        run = salon.queue_import(dry_run=False)
        eventually(lambda: salon.has(run, "running"), workers.said)
        kill_children(worker)
        eventually(lambda: salon.job(run).attempts == 2, workers.said)
    eventually(lambda: salon.has(run, "done"), workers.said)
    with tenant_context(salon.chain):
        assert Visit.objects.count() == 1
    with held_up(salon), tenant_context(salon.chain):
        ask_export(salon.chain, acting_user=salon.owner)
        eventually(lambda: salon.states("export") == ["running"], workers.said)
        kill_children(worker)
    eventually(lambda: salon.states("export") == ["done"], workers.said)


def test_work_of_a_worker_that_is_gone_is_seen_at_once_and_taken_up_by_the_schedule(
    make_salon: Callable[[], Salon], workers: Workers
) -> None:
    """The whole worker was killed, and its message is nowhere."""
    salon = make_salon()
    worker = workers.start(*LONG, "1")
    with held_up(salon):
        run = salon.queue_import(dry_run=False)
        eventually(lambda: salon.has(run, "running"), workers.said)
        children = worker.children()
        worker.kill()
        for child in children:
            child.kill()
        eventually(lambda: salon.is_lost(run))
    workers.start(*LONG, "1")
    salon.look_each_minute()
    eventually(lambda: salon.has(run, "done"), workers.said)
    assert salon.job(run).attempts == 2


def test_what_kills_its_process_each_time_is_given_up(make_salon: Callable[[], Salon], workers: Workers) -> None:
    salon = make_salon()
    worker = workers.start(*LONG, "1")
    with held_up(salon):
        run = salon.queue_import(dry_run=False)
        for attempt in (1, 2, 3):
            eventually(lambda attempt=attempt: salon.job(run).attempts == attempt, workers.said)  # type: ignore[misc]
            eventually(worker.children, workers.said)
            kill_children(worker)
        eventually(lambda: salon.has(run, "failed"), workers.said)
    assert salon.job(run).error.startswith("The work was interrupted 3 times")


def test_progress_is_seen_while_the_work_goes_on(make_salon: Callable[[], Salon], workers: Workers) -> None:
    """Although all of it is one transaction."""
    salon = make_salon()
    workers.start(*LONG, "1")
    with held_up(salon):
        run = salon.queue_import(dry_run=False)
        eventually(lambda: salon.job(run).progress.get("phase") == "gathering", workers.said)
        assert salon.has(run, "running")
    eventually(lambda: salon.has(run, "done"), workers.said)


def test_running_work_is_cancelled_and_keeps_nothing(make_salon: Callable[[], Salon], workers: Workers) -> None:
    salon = make_salon()
    workers.start(*LONG, "1")
    with held_up(salon):
        run = salon.queue_import(dry_run=False)
        eventually(lambda: salon.has(run, "running"), workers.said)
        with tenant_context(salon.chain):
            cancel_job(salon.job(run))
    eventually(lambda: salon.has(run, "cancelled"), workers.said)
    with tenant_context(salon.chain):
        assert not Visit.objects.exists()


def test_a_lost_message_is_sent_again(make_salon: Callable[[], Salon], workers: Workers) -> None:
    salon = make_salon()
    workers.start(*LONG, "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "send", lambda *_message: True)
        run = salon.queue_import()
    salon.look_each_minute()
    eventually(lambda: salon.has(run, "done"), workers.said)


def test_what_takes_too_long_is_ended_and_says_so(make_salon: Callable[[], Salon], workers: Workers) -> None:
    """Its statement in the database too, so that it can be started again at once."""
    salon = make_salon()
    workers.start(*LONG, "1")
    with held_up(salon), tenant_context(salon.chain):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tasks, "send", lambda *_message: True)
            run = salon.queue_import()
        tasks.run_chain_job.apply_async((str(salon.job(run).pk),), soft_time_limit=2)
        eventually(lambda: salon.has(run, "failed"), workers.said)
        run.refresh_from_db()
        assert run.summary["refusal"]["code"] == "took_too_long"
        with outside_chain(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE d.datname = current_database() AND NOT l.granted"
            )
            assert cursor.fetchone() == (0,)
    with tenant_context(salon.chain):
        queue_import(run, user=salon.owner, dry_run=True)
    eventually(lambda: salon.has(run, "done"), workers.said)
