from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "core.shared"
    label = "shared"
