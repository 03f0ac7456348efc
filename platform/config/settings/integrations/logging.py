"""Logs to standard error, each line with its chain; a record never holds the contents of a client's file or form."""

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
        # Each call with its address, which names the customer.
        "stripe": {"level": "WARNING"},
        # That a message came in, before anyone looked at which chain it is for; how it ended is logged with the chain.
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
# Celery logs through the same handler.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
