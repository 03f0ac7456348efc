from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "core.team"
    label = "team"
