from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import stripe
from django.core.management.base import BaseCommand, CommandError

from billing.stripe_catalogue import sync_plans
from core.shared.commands import as_document, refusals_as_command_errors


class Command(BaseCommand):
    help = "Mirror the plans of billing/plans.py to Stripe, and recompute what each chain may do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **_options: Any) -> None:
        try:
            with refusals_as_command_errors():
                result = sync_plans()
        except stripe.StripeError as error:
            raise CommandError(f"Stripe: {error.user_message or type(error).__name__}", returncode=1) from error
        if json:
            self.stdout.write(as_document(asdict(result)))
            return
        for what, names in (
            ("product made or changed", result.products),
            ("price made", result.prices),
            ("price no longer sold", result.retired),
        ):
            for name in names:
                self.stdout.write(f"{what}: {name}")
        self.stdout.write(f"{result.unchanged} prices unchanged, {result.accounts} chains may do something else now")
