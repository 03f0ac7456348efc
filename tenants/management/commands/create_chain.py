from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.commands import as_document, refusals_as_command_errors
from tenants.provisioning import create_chain


class Command(BaseCommand):
    help = "Make a chain: its schema, roles, first rows and address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schema", required=True, help="the name of its schema, such as acme")
        parser.add_argument("--name", required=True, help="what people call it")
        parser.add_argument("--domain", help="its host name; <schema>.localhost unless given")
        parser.add_argument("--country", default="CN", help="two letters of ISO 3166 (%(default)s)")
        parser.add_argument("--currency", default="CNY", help="three letters of ISO 4217 (%(default)s)")
        parser.add_argument("--time-zone", default="Asia/Shanghai", help="(%(default)s)")
        parser.add_argument("--language", help="of its pages; zh-hans in China, else en, unless given")
        parser.add_argument("--owner-email", help="makes a first user with the HQ role")
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **options: Any) -> None:
        names = ("schema", "name", "domain", "country", "currency", "time_zone", "language", "owner_email")
        with refusals_as_command_errors():
            made = create_chain(**{name: options[name] for name in names})
        if json:
            self.stdout.write(as_document(asdict(made)))
        else:
            self.stdout.write(f"Chain {made.schema} answers at {made.domain} ({made.seconds:.2f} s).")
