"""How gunicorn serves, in the container image and under `revisit serve` alike."""

import gc
import os
import sys
from typing import Any

bind = os.environ.get("BIND", "0.0.0.0:8000").split(",")
# One more for expensive requests.
workers = int(os.environ.get("WEB_WORKERS", "2")) + 1
worker_class = "config.buffering.worker.BufferingWorker"
# Half of them may wait: see core.shared.concurrency.
threads = 2 * int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
# In each worker, slow and idle ones included; at the limit the one that has waited longest gives way.
worker_connections = 1000
keepalive = 15
timeout = 120
graceful_timeout = 10
control_socket_disable = True
accesslog = "-"
logger_class = "config.access_log.AccessLogger"
# The host names the chain. Without the query: a search for a client's name or number is nobody's business later on.
access_log_format = '%(h)s %(t)s [%({host}i)s] "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


def pre_fork(server: Any, worker: Any) -> None:
    """Keep expensive requests in one process: none of a page's time goes to a calculation beside it. The number of
    processes is not to be changed by signals, or that one may be missing."""
    from core.shared.concurrency import is_expensive

    if server.num_workers < 2:
        return
    worker.takes_over = not any(one.takes_over for one in server.WORKERS.values())
    if not worker.takes_over:
        worker.hands_over = is_expensive


def on_reload(server: Any) -> None:
    """The processes there are will end: one of the next takes over."""
    for worker in server.WORKERS.values():
        worker.takes_over = False


def post_fork(_server: Any, _worker: Any) -> None:
    """A thread that waits for the database gets the interpreter back sooner from one that calculates: pages are many
    small waits, an export is none."""
    sys.setswitchinterval(0.0005)


def when_ready(_server: Any) -> None:
    """Load every page once, before the workers are forked: they share its memory, and no first request waits for it."""
    from django.conf import settings
    from django.urls import get_resolver

    for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        get_resolver(urlconf).reverse_dict  # noqa: B018 - loaded by being looked at
    # What is loaded stays: looking it through for garbage would hold up a request in ten.
    gc.collect()
    gc.freeze()
