from django.apps import AppConfig
from django.core.checks import Tags, register


class SiteConfig(AppConfig):
    name = "tenants.site"
    label = "site"

    def ready(self) -> None:
        from tenants.site.operator import check_operator

        register(check_operator, Tags.security, deploy=True)
