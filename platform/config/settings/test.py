"""Settings of the test suite: tasks run synchronously, password hashes are fast."""

from config import development

from .base import *  # noqa: F403
from .base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, *development.apps()]
SECRET_KEY = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
ALLOWED_HOSTS = [".localhost", "testserver", "127.0.0.1"]
CONSOLE_HOSTS = ["console.localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {
    "default": {
        "BACKEND": "core.shared.cache.ProcessCache",
        "KEY_FUNCTION": "core.shared.cache.chain_key",
    }
}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A test client builds the middleware anew: looked up when asked for, instead of all files listed each time.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
