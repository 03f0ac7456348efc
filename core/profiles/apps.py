from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "core.profiles"
    label = "profiles"
