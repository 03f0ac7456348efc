from dataclasses import asdict
from typing import Any

import stripe
from django.core.management.base import CommandError

from billing.stripe_catalogue import sync_plans
from core.shared.commands import DocumentCommand


class Command(DocumentCommand):
    help = "Mirror the plans of billing/plans.py to Stripe, and recompute what each chain may do."

    def work(self, **_options: Any) -> dict[str, Any]:
        try:
            return asdict(sync_plans())
        except stripe.StripeError as error:
            raise CommandError(f"Stripe: {error.user_message or type(error).__name__}", returncode=1) from error

    def print_for_people(self, document: dict[str, Any]) -> None:
        for what, names in (
            ("product made or changed", document["products"]),
            ("price made", document["prices"]),
            ("price no longer sold", document["retired"]),
        ):
            for name in names:
                self.stdout.write(f"{what}: {name}")
        self.stdout.write(
            "{unchanged} prices unchanged, {accounts} chains may do something else now".format(**document)
        )
