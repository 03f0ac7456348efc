"""The suite's settings as a worker process has them: tasks are its work, files and mail lie where the test looks."""

import os
from pathlib import Path

from config.settings.test import *  # noqa: F403
from deploy.development.servers.locations import cache_url

_HOME = Path(os.environ["WORKER_HOME"])
CELERY_TASK_ALWAYS_EAGER = False
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(_HOME),
        "KEY_FUNCTION": "core.shared.cache.chain_key",
    }
}
MEDIA_ROOT = _HOME / "files"
EXPORT_ROOT = MEDIA_ROOT / ".exports"
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = _HOME / "mail"
