from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "core.visits"
    label = "visits"
