from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services.agreements import end_agreement, set_agreement
from core.shared.commands import as_document, refusals_as_command_errors
from core.shared.plans import Entitlements
from tenants.life.command_chain import get_chain

LIMITS = {
    "stores": "open stores",
    "staff": "people who serve in them",
    "messages": "messages to clients a month",
    "api_calls": "API calls a day",
}


def at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 on.")
    return int(text)


class Command(BaseCommand):
    help = "Enterprise: write down what was agreed with a chain; what is not limited is unlimited. --end ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")
        parser.add_argument("--end", action="store_true", help="trial or subscription count again")
        for name, title in LIMITS.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}", type=at_least_one, metavar="N", help=f"at most so many {title}"
            )
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, chain: str, end: bool, json: bool, **options: Any) -> None:
        limits = {name: options[name] for name in LIMITS}
        if end and any(limits.values()):
            raise CommandError("--end: takes no limits beside it.", returncode=2)
        billed_chain = get_chain(chain)
        with refusals_as_command_errors():
            account = (
                end_agreement(chain=billed_chain)
                if end
                else set_agreement(chain=billed_chain, entitlements=Entitlements(**limits))
            )
        if json:
            self.stdout.write(as_document({"schema": chain, "agreed": account.agreement}))
        else:
            self.stdout.write(f"{chain}: {'the agreement is ended' if end else 'agreed'}")
