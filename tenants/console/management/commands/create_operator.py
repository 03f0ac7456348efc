import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.addresses import console_url
from core.shared.commands import refusals_as_command_errors
from tenants.console.operators import create_operator, password_link


class Command(BaseCommand):
    help = "Make an operator of the platform, who signs in to the console. A password is asked for, or a link printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="to sign in with")
        parser.add_argument("--name", default="", help="what people call them")
        parser.add_argument(
            "--password-from-stdin", action="store_true", help="read it from standard input, a line, instead of asking"
        )
        parser.add_argument("--link", action="store_true", help="print a link by which they choose it themselves")

    def handle(self, *_args: Any, email: str, name: str, link: bool, **options: Any) -> None:
        with refusals_as_command_errors():
            password = None if link else self._password(read=options["password_from_stdin"])
            operator = create_operator(email=email, name=name, password=password)
            self.stdout.write(f"{operator.email}: {password_link(operator) if link else console_url() or 'made'}")

    def _password(self, *, read: bool) -> str:
        return sys.stdin.readline().rstrip("\n") if read else getpass.getpass("Password: ")
