from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing.operating import jobs  # noqa: F401 - registers its kind, in workers too
        from billing.services import accounts, closing
        from tenants.signals import chain_erased, chain_signed_up

        chain_signed_up.connect(accounts.when_signed_up, dispatch_uid="billing")
        chain_erased.connect(closing.when_erased, dispatch_uid="billing")
