from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        register(_check_migrations, "migrations")


def _check_migrations(**options: Any) -> list[CheckMessage]:
    from tenants.migration_checks import check_migrations

    return check_migrations(**options)
