from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from billing.services.agreements import end_agreement, set_agreement
from core.shared.commands import DocumentCommand, add_chain_argument, at_least_one, find_chain
from core.shared.plans import Entitlements

LIMITS = {
    "stores": "open stores",
    "staff": "people who serve in them",
    "messages": "messages to clients a month",
    "api_calls": "API calls a day",
    "upload_mb": "megabytes in a file to import",
}


class Command(DocumentCommand):
    help = "Enterprise: write down what was agreed with a chain; what is not limited is unlimited. --end ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_chain_argument(parser)
        parser.add_argument("--end", action="store_true", help="trial or subscription count again")
        for name, title in LIMITS.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}", type=at_least_one, metavar="N", help=f"at most so many {title}"
            )

    def work(self, *, chain: str, end: bool, **options: Any) -> dict[str, Any]:
        limits = {name: options[name] for name in LIMITS}
        if end and any(limits.values()):
            raise CommandError("--end: takes no limits beside it.", returncode=2)
        if end:
            account = end_agreement(chain=find_chain(chain))
        else:
            account = set_agreement(chain=find_chain(chain), entitlements=Entitlements(**limits))
        return {"schema": chain, "agreed": account.agreement}

    def print_for_people(self, document: dict[str, Any]) -> None:
        said = "the agreement is ended" if document["agreed"] is None else "agreed"
        self.stdout.write(f"{document['schema']}: {said}")
