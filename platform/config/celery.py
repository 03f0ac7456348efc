"""The Celery application; `celery -A config.celery worker` and `beat` use it."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.priority import give_way

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# Of a process that works off tasks: on a machine with the web server, pages go first.
NICENESS = 5

app = Celery("revisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def lower_priority(**_signal: Any) -> None:
    """Of a process of a pool, and of the file readers it starts; the mail worker has threads, and keeps its own."""
    give_way(NICENESS)
