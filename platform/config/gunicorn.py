"""How gunicorn serves, in the container image and under `revisit serve` alike."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000").split(",")
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
timeout = 120
graceful_timeout = 10
control_socket_disable = True
accesslog = "-"
# Without the query: a search for a client's name or number is nobody's business later on.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'
