from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "core.audit"
    label = "audit"

    def ready(self) -> None:
        from core.audit import account_changes

        account_changes.connect()
