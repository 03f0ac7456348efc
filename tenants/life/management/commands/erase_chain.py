from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.shared.commands import add_chain_argument, find_chain
from tenants.life.erasure import erase_chain


class Command(BaseCommand):
    help = "Erase a chain at once with all it has: rows, roles, addresses, files, exports. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_chain_argument(parser)
        parser.add_argument("--confirm", required=True, metavar="SCHEMA", help="the same name once more")

    def handle(self, *_args: Any, chain: str, confirm: str, **_options: Any) -> None:
        if confirm != chain:
            raise CommandError("--confirm: this is not the name of the chain; nothing was erased.", returncode=1)
        erasure = erase_chain(find_chain(chain), asked_by="operator")
        if erasure is None:
            raise CommandError(f"--chain: there is no chain {chain!r} any more.", returncode=1)
        self.stdout.write(f"{chain}: erased. Backups hold its data until {erasure.in_backups_until}.")
