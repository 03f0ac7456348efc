from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.core.signals import request_finished


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants.postgresql_backend.current import leave_chain

        register(_check_migrations, "migrations")
        request_finished.connect(leave_chain)


def _check_migrations(**options: Any) -> list[CheckMessage]:
    from tenants.migration_checks import check_migrations

    return check_migrations(**options)
