"""gunicorn's settings, for the container image and `revisit serve`."""

import gc
import os
import sys
from typing import Any

bind = os.environ.get("BIND", "0.0.0.0:8000").split(",")
# Plus one for expensive requests.
workers = int(os.environ.get("WEB_WORKERS", "2")) + 1
worker_class = "config.buffering.worker.BufferingWorker"
# Half of them are for requests that wait: see core.shared.concurrency.
threads = 2 * int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
# Per worker, slow and idle connections included; at the limit the longest-waiting one is closed.
worker_connections = 1000
keepalive = 15
timeout = 120
graceful_timeout = 10
control_socket_disable = True
accesslog = "-"
logger_class = "config.access_log.AccessLogger"
# The host identifies the chain. No query string: it may hold a client's name or phone number.
access_log_format = '%(h)s %(t)s [%({host}i)s] "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


def pre_fork(server: Any, worker: Any) -> None:
    """Make one process serve all expensive requests, so that they do not slow down pages.

    Do not change the number of processes by signals, or that process may be missing.
    """
    from core.shared.concurrency import is_expensive

    if server.num_workers < 2:
        return
    worker.takes_over = not any(one.takes_over for one in server.WORKERS.values())
    if not worker.takes_over:
        worker.hands_over = is_expensive


def on_reload(server: Any) -> None:
    """On reload let one of the new processes take over expensive requests."""
    for worker in server.WORKERS.values():
        worker.takes_over = False


def post_fork(_server: Any, _worker: Any) -> None:
    """Shorten the interpreter's switch interval: pages, which wait often, get it back sooner from exports."""
    sys.setswitchinterval(0.0005)


def when_ready(_server: Any) -> None:
    """Load all views before forking, so that workers share the memory and no first request is slow."""
    from django.conf import settings
    from django.urls import get_resolver

    for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        get_resolver(urlconf).reverse_dict  # noqa: B018 - loaded by being looked at
    # Exclude what is loaded from garbage collection, which would delay one request in ten.
    gc.collect()
    gc.freeze()
