from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.commands import add_chain_argument, find_chain
from tenants.life.suspension import suspend_chain


class Command(BaseCommand):
    help = "Make a chain read-only: people sign in, read and export, and change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_chain_argument(parser)
        parser.add_argument("--reason", default="", help="shown to its people")

    def handle(self, *_args: Any, chain: str, **options: Any) -> None:
        suspend_chain(find_chain(chain), reason=options["reason"])
        self.stdout.write(f"{chain}: suspended")
