from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from core.shared.commands import DocumentCommand
from tenants.provisioning import create_chain


class Command(DocumentCommand):
    help = "Make a chain: its schema, roles, first rows and address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--schema", required=True, help="the name of its schema, such as acme")
        parser.add_argument("--name", required=True, help="what people call it")
        parser.add_argument("--domain", help="its host name; <schema>.localhost unless given")
        parser.add_argument("--country", default="CN", help="two letters of ISO 3166 (%(default)s)")
        parser.add_argument("--currency", default="CNY", help="three letters of ISO 4217 (%(default)s)")
        parser.add_argument("--time-zone", default="Asia/Shanghai", help="(%(default)s)")
        parser.add_argument("--language", help="of its pages; zh-hans in China, else en, unless given")
        parser.add_argument("--owner-email", help="makes a first user with the HQ role")

    def work(self, **options: Any) -> dict[str, Any]:
        names = ("schema", "name", "domain", "country", "currency", "time_zone", "language", "owner_email")
        return asdict(create_chain(**{name: options[name] for name in names}))

    def print_for_people(self, document: dict[str, Any]) -> None:
        self.stdout.write("Chain {schema} answers at {domain} ({seconds:.2f} s).".format(**document))
