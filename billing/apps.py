from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing.services import accounts
        from tenants.signals import chain_signed_up

        chain_signed_up.connect(accounts.when_signed_up, dispatch_uid="billing")
