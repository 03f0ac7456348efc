from django.apps import AppConfig


class StartConfig(AppConfig):
    name = "core.start"
    label = "start"
