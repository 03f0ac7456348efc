from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.life.chains import chain_named
from tenants.life.suspension import resume_chain


class Command(BaseCommand):
    help = "Let the people of a suspended chain work again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")

    def handle(self, *_args: Any, chain: str, **_options: Any) -> None:
        resume_chain(chain_named(chain))
        self.stdout.write(f"{chain}: resumed")
