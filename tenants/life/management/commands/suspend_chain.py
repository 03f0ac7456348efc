from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.life.command_chain import get_chain
from tenants.life.suspension import suspend_chain


class Command(BaseCommand):
    help = "Make a chain read-only: people sign in, read and export, and change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")
        parser.add_argument("--reason", default="", help="shown to its people")

    def handle(self, *_args: Any, chain: str, **options: Any) -> None:
        suspend_chain(get_chain(chain), reason=options["reason"])
        self.stdout.write(f"{chain}: suspended")
