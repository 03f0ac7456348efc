"""The Celery application; `celery -A config.celery worker` and `beat` use it."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# Of a process that works off tasks: on a machine with the web server, pages go first.
NICENESS = 10

app = Celery("revisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def give_way(**_signal: Any) -> None:
    """Each process of a pool, and the file readers that it starts; the mail worker has threads, and is not slowed."""
    os.nice(NICENESS)
