from django.apps import AppConfig
from django.core.checks import Tags, register


class SharedConfig(AppConfig):
    name = "core.shared"
    label = "shared"

    def ready(self) -> None:
        from core.shared.network import check_front

        register(check_front, Tags.security, deploy=True)
