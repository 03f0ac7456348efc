from dataclasses import asdict
from typing import Any

import stripe
from django.core.management.base import CommandError

from billing.reconcile import reconcile
from core.shared.commands import DocumentCommand

# What takes a person to look at it.
NEEDS_SOMEONE = ("failed", "unknown_at_stripe", "without_chain", "without_plan", "unpaid_stores")


class Command(DocumentCommand):
    help = "Compare all accounts with Stripe and fix what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.needs_someone:
            raise SystemExit(1)

    def work(self, **_options: Any) -> dict[str, Any]:
        try:
            report = asdict(reconcile())
        except stripe.StripeError as error:
            raise CommandError(f"Stripe does not answer: {type(error).__name__}. Try again later.") from error
        self.needs_someone = any(report[name] for name in NEEDS_SOMEONE)
        return report

    def print_for_people(self, document: dict[str, Any]) -> None:
        self.stdout.write(
            "{accounts} accounts compared, {number} fixed, {events_fetched} events fetched,"
            " {closed} customers closed ({seconds} s).".format(**document, number=len(document["fixed"]))
        )
        for schema, fields in document["fixed"].items():
            for name, pair in fields.items():
                self.stdout.write(f"{schema}: {name}: {' → '.join(pair)}")
        for schema, problem in document["failed"].items():
            self.stderr.write(f"{schema}: {problem}; run it again later.")
        for schema in document["unknown_at_stripe"]:
            self.stderr.write(f"{schema}: Stripe has no such customer. Is STRIPE_SECRET_KEY that of this account?")
        for schema in document["unpaid_stores"]:
            self.stderr.write(f"{schema}: has more stores open than it pays for. Agree on it with the owner.")
        for schema in document["without_plan"]:
            self.stderr.write(
                f"{schema}: pays a price of no plan of ours; what was allowed before goes on. Give the subscription a"
                " price of ours in Stripe's dashboard, or write down what was agreed."
            )
        for customer in document["without_chain"]:
            self.stderr.write(f"{customer}: pays for a plan and belongs to no chain. Look at it in Stripe's dashboard.")
