from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "core.audit"
    label = "audit"

    def ready(self) -> None:
        from core.audit import account_changes, sign_ins

        sign_ins.connect()
        account_changes.connect()
