from argparse import ArgumentParser
from typing import Any

import stripe
from django.core.management.base import BaseCommand, CommandError

from billing.reconcile import ReconciliationReport, reconcile
from core.shared.commands import as_document, refusals_as_command_errors


class Command(BaseCommand):
    help = "Compare all accounts with Stripe and fix what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **_options: Any) -> None:
        try:
            with refusals_as_command_errors():
                report = reconcile()
        except stripe.StripeError as error:
            raise CommandError(f"Stripe does not answer: {type(error).__name__}. Try again later.") from error
        if json:
            self.stdout.write(as_document(report.as_json()))
        else:
            self._print(report)
        if (
            report.failed
            or report.unknown_at_stripe
            or report.without_chain
            or report.without_plan
            or report.unpaid_stores
        ):
            raise SystemExit(1)

    def _print(self, report: ReconciliationReport) -> None:
        self.stdout.write(
            f"{report.accounts} accounts compared, {len(report.fixed)} fixed, {report.events_fetched} events fetched,"
            f" {report.closed} customers closed ({report.seconds} s)."
        )
        for schema, fields in report.fixed.items():
            for name, pair in fields.items():
                self.stdout.write(f"{schema}: {name}: {' → '.join(pair)}")
        for schema, problem in report.failed.items():
            self.stderr.write(f"{schema}: {problem}; run it again later.")
        for schema in report.unknown_at_stripe:
            self.stderr.write(f"{schema}: Stripe has no such customer. Is STRIPE_SECRET_KEY that of this account?")
        for schema in report.unpaid_stores:
            self.stderr.write(f"{schema}: has more stores open than it pays for. Agree on it with the owner.")
        for schema in report.without_plan:
            self.stderr.write(
                f"{schema}: pays a price of no plan of ours; what was allowed before goes on. Give the subscription a"
                " price of ours in Stripe's dashboard, or write down what was agreed."
            )
        for customer in report.without_chain:
            self.stderr.write(f"{customer}: pays for a plan and belongs to no chain. Look at it in Stripe's dashboard.")
