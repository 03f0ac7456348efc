from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.commands import add_chain_argument, find_chain
from tenants.life.suspension import resume_chain


class Command(BaseCommand):
    help = "Let the people of a suspended chain work again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_chain_argument(parser)

    def handle(self, *_args: Any, chain: str, **_options: Any) -> None:
        resume_chain(find_chain(chain))
        self.stdout.write(f"{chain}: resumed")
