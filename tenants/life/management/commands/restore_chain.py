from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.shared.commands import DocumentCommand
from tenants.life.restoration import restore_chain


class Command(DocumentCommand):
    help = "Make a new chain from an archive that export_chain or an owner's page gave."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("archive", type=Path)
        parser.add_argument("--schema", required=True, help="the name of the new chain's schema")
        parser.add_argument("--domain", help="its host name; <schema>.localhost unless given")
        parser.add_argument("--name", help="what people call it; as before unless given")

    def work(self, **options: Any) -> dict[str, Any]:
        names = ("archive", "schema", "domain", "name")
        return asdict(restore_chain(**{name: options[name] for name in names}))

    def print_for_people(self, document: dict[str, Any]) -> None:
        self.stdout.write("Chain {schema} answers at {domain} ({seconds:.2f} s).".format(**document))
