from django.apps import AppConfig


class MembershipConfig(AppConfig):
    name = "core.membership"
    label = "membership"
