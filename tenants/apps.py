from django.apps import AppConfig
from django.core.checks import register
from django.core.signals import request_finished


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants.migration_checks import check_migrations
        from tenants.postgresql_backend.current import leave_chain

        register(check_migrations, "migrations")
        request_finished.connect(leave_chain)
