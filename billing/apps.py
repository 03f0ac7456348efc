from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import receivers
        from billing.console_pages import jobs  # noqa: F401 - registers its kind, in workers too

        receivers.connect()
