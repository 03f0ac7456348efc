"""Which queue a task goes to, and how long it may take."""

from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from deploy.development.servers.site import WORKERS

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose.yaml"


@pytest.fixture(autouse=True)
def _tasks() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("core.jobs.tasks.run_chain_job", "long"),
        ("core.jobs.tasks.run_platform_job", "long"),
        ("tenants.console.tasks.migrate", "long"),
        ("core.jobs.tasks.send_waiting", "default"),
        ("core.mail.tasks.deliver_mail", "mail"),
        ("core.mail.tasks.deliver_platform_mail", "mail"),
        ("tenants.signup.tasks.email_sign_in_links", "mail"),
        ("core.reporting.tasks.fold_facts", "default"),
        ("core.reporting.tasks.build_facts", "long"),
        ("core.overview.tasks.prepare_reports", "long"),
        ("core.merging.tasks.find_alike_clients", "long"),
        ("billing.tasks.process_stripe_events", "default"),
    ],
)
def test_short_tasks_and_mail_do_not_stand_behind_long_ones(task: str, queue: str) -> None:
    way = app.amqp.router.route(app.tasks[task]._get_exec_options(), task)
    chosen = way.get("queue") or app.amqp.queues[app.conf.task_default_queue]
    # A key that two queues had in common would bring each message to both.
    assert (chosen.name, chosen.routing_key) == (queue, queue)


def test_every_queue_has_a_worker() -> None:
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert set(WORKERS) == queues
    assert {name for name in queues if f"--queues, {name}," in COMPOSE.read_text()} == queues


def test_every_task_has_its_limit_and_is_not_delivered_again_before_it() -> None:
    conf = app.conf
    for task in app.tasks.values():
        soft, hard = task.soft_time_limit or conf.task_soft_time_limit, task.time_limit or conf.task_time_limit
        assert 0 < soft < hard < conf.broker_transport_options["visibility_timeout"]
