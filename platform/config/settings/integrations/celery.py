"""Celery, with its broker at BROKER_URL; in a checkout its own Valkey unless that is set."""

from celery.schedules import crontab
from kombu import Queue

from config.development import server_url
from config.env import revisit_home

CELERY_BROKER_URL = server_url("BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Seconds per task: at the soft limit it is told to stop, at the hard one its process is killed.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 5 * 60, 6 * 60
# Of long work: see core.jobs.
JOB_SOFT_TIME_LIMIT, JOB_TIME_LIMIT = 6 * 3600, 6 * 3600 + 10 * 60
# Redelivery of unacknowledged messages; longer than any task, or a running one would be started twice.
UNACKNOWLEDGED = JOB_TIME_LIMIT + 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": UNACKNOWLEDGED}
# Each has workers of its own (deploy/README.md), so that nothing short waits behind what is long. A worker that is told
# of none takes from all.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [
    Queue("default", routing_key="default"),
    Queue("mail", routing_key="mail"),
    # For RabbitMQ, whose own limit is half an hour.
    Queue("long", routing_key="long", queue_arguments={"x-consumer-timeout": UNACKNOWLEDGED * 1000}),
]
# Tasks that work long name theirs themselves (core.jobs.base).
CELERY_TASK_ROUTES = {"core.mail.tasks.*": {"queue": "mail"}, "tenants.signup.tasks.*": {"queue": "mail"}}
# Kilobytes above which a worker process is replaced after its task, to free the memory of large files.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(revisit_home() / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "delete-old-files": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 3600.0,
        "args": ["core.imports.tasks.delete_old_files"],
    },
    "send-waiting-jobs": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 60.0,
        "args": ["core.jobs.tasks.send_waiting"],
    },
    "delete-old-jobs": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 3600.0,
        "args": ["core.jobs.tasks.delete_old_jobs"],
    },
    "deliver-mail": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["core.mail.tasks.deliver_mail"],
    },
    "deliver-platform-mail": {"task": "core.mail.tasks.deliver_platform_mail", "schedule": 60.0},
    "refresh-chain-status": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["tenants.console.tasks.refresh_chain_status"],
    },
    "refresh-platform-status": {"task": "tenants.console.tasks.refresh_platform_status", "schedule": 60.0},
    "run-chain-upkeep": {"task": "tenants.life.tasks.run_chain_upkeep", "schedule": 3600.0},
    "process-stripe-events": {"task": "billing.tasks.process_stripe_events", "schedule": 30.0},
    "delete-stripe-customers": {"task": "billing.tasks.delete_customers", "schedule": 3600.0},
    "reconcile-with-stripe": {
        "task": "billing.tasks.reconcile_with_stripe",
        "schedule": crontab(hour="3", minute="17"),
    },
    "send-billing-notices": {"task": "billing.tasks.send_notices", "schedule": 3600.0},
    "sync-subscription-quantities": {
        "task": "billing.tasks.sync_all_quantities",
        "schedule": crontab(hour="4", minute="17"),
    },
    "fold-facts": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["core.reporting.tasks.fold_facts"],
    },
    "prepare-reports": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 3600.0,
        "args": ["core.overview.tasks.prepare_reports"],
    },
    "find-alike-clients": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": crontab(hour="2", minute="47"),
        "args": ["core.merging.tasks.find_alike_clients"],
    },
    "build-facts": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["core.reporting.tasks.build_facts"],
    },
}
