from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "core.visits"
    label = "visits"

    def ready(self) -> None:
        from core.visits import receivers

        receivers.connect()
