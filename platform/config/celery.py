"""The Celery application; `celery -A config.celery worker` and `beat` use it."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.priority import give_way

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# Worker processes yield to the web server on the same machine.
NICENESS = 5

app = Celery("revisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def lower_priority(**_signal: Any) -> None:
    """Lower the priority of a pool process and its children; the mail worker uses threads and keeps its priority."""
    give_way(NICENESS)
