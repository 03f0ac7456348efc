from django.apps import AppConfig
from django.core.checks import Tags, register


class SharedConfig(AppConfig):
    name = "core.shared"
    label = "shared"

    def ready(self) -> None:
        from core.shared.network import check_proxy

        register(check_proxy, Tags.security, deploy=True)
