"""Logs to standard error, each line with its chain; logs never contain client data from files or forms."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "chain": {"()": "core.shared.logs.ChainFilter"},
        "secret_links": {"()": "core.shared.secret_links.SecretLinkFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(chain)s] %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["chain", "secret_links"]}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Through the handler above, which masks keys in paths, instead of Django's own.
        "django.server": {"propagate": True},
        # INFO would log each call's URL, which contains the customer's id.
        "stripe": {"level": "WARNING"},
        # INFO would log received messages without their chain; the result is logged with it.
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
# Celery logs through the same handler.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
