from django.apps import AppConfig


class ImpersonationConfig(AppConfig):
    name = "core.impersonation"
