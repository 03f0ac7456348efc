"""Development and the demo: real servers on this machine, plain HTTP."""

import os
import secrets
from pathlib import Path

from config import development
from config.env import env

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, REVISIT_HOME

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, *development.apps()]
ALLOWED_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
# What `revisit serve` listens on.
PLATFORM_URL = env.str("PLATFORM_URL", default=f"http://localhost:{os.environ.get('PORT') or 8000}")
CONSOLE_HOSTS = env.list("CONSOLE_HOSTS", default=["console.localhost"])
# The demo's operator signs in without a second factor.
CONSOLE_NEEDS_SECOND_FACTOR = env.bool("CONSOLE_NEEDS_SECOND_FACTOR", default=False)


def _kept_secret(path: Path) -> str:
    """Return a random key, created at the first start and saved, so that sessions survive restarts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


SECRET_KEY = _kept_secret(REVISIT_HOME / "secret-key")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
