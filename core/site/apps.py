from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "core.site"
    label = "frame"  # the platform's own pages are the app "site"
