"""The recorded provisioning script, which builds a chain's tables and first rows in one go.

It is recorded from a real run of the migrations (`record_chain_script`) and committed. Its first line holds a digest of
these migrations, so that a stale script is never used.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

SCRIPT = Path(__file__).with_name("chain.sql")
DIGEST_MARK = "-- migrations "


def chain_apps() -> list[AppConfig]:
    """Return the apps with tables in chain schemas."""
    return [app for app in apps.get_app_configs() if app.name in settings.TENANT_APPS]


@lru_cache(maxsize=1)
def migrations_digest() -> str:
    """Return a digest of the names and contents of all chain migrations."""
    digest = hashlib.sha256()
    for app in sorted(chain_apps(), key=lambda app: app.label):
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def current_script() -> str | None:
    """Return the script, or None if it is missing or stale."""
    if not SCRIPT.exists():
        return None
    text = SCRIPT.read_text(encoding="utf-8")
    return text if text.startswith(DIGEST_MARK + migrations_digest() + "\n") else None


def as_script(statements: Iterable[str]) -> str:
    """Join statements to a script. Constraints are immediate, since tables with pending checks cannot be altered."""
    body = ["SET CONSTRAINTS ALL IMMEDIATE", *statements]
    return "".join(
        [DIGEST_MARK, migrations_digest(), "\n", *(f"{statement.rstrip().rstrip(';')};\n" for statement in body)]
    )
