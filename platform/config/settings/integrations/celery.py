"""Celery: the embedded Valkey as broker unless BROKER_URL names another."""

from celery.schedules import crontab

from config.embedded.locations import broker_url
from config.env import env, revisit_home

CELERY_BROKER_URL = env.str("BROKER_URL", default="") or broker_url(revisit_home())
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
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
    "deliver-mail": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["core.mail.tasks.deliver_mail"],
    },
    "deliver-platform-mail": {"task": "core.mail.tasks.deliver_platform_mail", "schedule": 60.0},
    "look-over-chains": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["tenants.console.tasks.look_over_chain"],
    },
    "look-over-platform": {"task": "tenants.console.tasks.look_over_platform", "schedule": 60.0},
    "look-after-chains": {"task": "tenants.life.tasks.look_after_chains", "schedule": 3600.0},
    "work-off-stripe-events": {"task": "billing.tasks.work_off_events", "schedule": 30.0},
    "close-stripe-customers": {"task": "billing.tasks.close_customers", "schedule": 3600.0},
    "reconcile-with-stripe": {
        "task": "billing.tasks.reconcile_with_stripe",
        "schedule": crontab(hour="3", minute="17"),
    },
    "send-billing-notices": {"task": "billing.tasks.send_notices", "schedule": 3600.0},
    "follow-stores": {"task": "billing.tasks.follow_all_stores", "schedule": crontab(hour="4", minute="17")},
    "fold-facts": {
        "task": "tenants.tasks.for_each_chain",
        "schedule": 300.0,
        "args": ["core.reporting.tasks.fold_facts"],
    },
}
