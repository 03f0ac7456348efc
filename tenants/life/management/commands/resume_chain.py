from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.life.command_chain import get_chain
from tenants.life.suspension import resume_chain


class Command(BaseCommand):
    help = "Let the people of a suspended chain work again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")

    def handle(self, *_args: Any, chain: str, **_options: Any) -> None:
        resume_chain(get_chain(chain))
        self.stdout.write(f"{chain}: resumed")
