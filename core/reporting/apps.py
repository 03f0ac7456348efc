from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "core.reporting"
    label = "reporting"

    def ready(self) -> None:
        from core.reporting import (
            converters,  # noqa: F401 - registers
            receivers,
        )

        receivers.connect()
