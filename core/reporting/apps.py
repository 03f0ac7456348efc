from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "core.reporting"
    label = "reporting"

    def ready(self) -> None:
        from core.reporting import converters, receivers

        converters.register()
        receivers.connect()
