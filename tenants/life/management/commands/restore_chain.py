from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.commands import as_document, refusals_as_command_errors
from tenants.life.restoration import restore_chain


class Command(BaseCommand):
    help = "Make a new chain from an archive that export_chain or an owner's page gave."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument("--schema", required=True, help="the name of the new chain's schema")
        parser.add_argument("--domain", help="its host name; <schema>.localhost unless given")
        parser.add_argument("--name", help="what people call it; as before unless given")
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **options: Any) -> None:
        names = ("archive", "schema", "domain", "name")
        with refusals_as_command_errors():
            made = restore_chain(**{name: options[name] for name in names})
        if json:
            self.stdout.write(as_document(asdict(made)))
        else:
            self.stdout.write(f"Chain {made.schema} answers at {made.domain} ({made.seconds:.2f} s).")
