"""What commands share: how a chain is named, what is printed, how a refusal ends them."""

import json
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import get_tenant_model, tenant_context

from core.shared.chain import without_statement_timeout
from core.shared.errors import AppError


@contextmanager
def refusals_as_command_errors() -> Iterator[None]:
    """A refusal of the application ends the command with exit status 1 and its message."""
    try:
        yield
    except AppError as error:
        raise CommandError(str(error), returncode=1) from error


class DocumentCommand(BaseCommand):
    """Prints what `work` returns: with `--json` as one JSON document, else for people."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **options: Any) -> None:
        with refusals_as_command_errors():
            document = self.work(**options)
        if json:
            self.stdout.write(as_document(document))
        else:
            self.print_for_people(document)

    def work(self, *args: Any, **options: Any) -> dict[str, Any]:
        raise NotImplementedError

    def print_for_people(self, document: dict[str, Any]) -> None:
        for name, value in document.items():
            self.stdout.write(f"{name}: {value}")


class ChainCommand(DocumentCommand):
    """Runs `handle_chain` inside the chain of `--chain`."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_chain_argument(parser)

    def work(self, *, chain: str, **options: Any) -> dict[str, Any]:
        with tenant_context(find_chain(chain)), without_statement_timeout():
            return self.handle_chain(**options)

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        raise NotImplementedError


def add_chain_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")


def at_least_one(text: str) -> int:
    """The type of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 on.")
    return int(text)


def an_id(text: str) -> uuid.UUID:
    """The type of an argument."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no id.") from None


def find_chain(schema: str) -> Any:
    """The chain named on the command line."""
    chain = get_tenant_model().objects.filter(schema_name=schema).first()
    if chain is None:
        raise CommandError(f"--chain: there is no chain {schema!r}.", returncode=1)
    return chain


def as_document(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
