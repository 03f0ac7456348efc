"""The base of commands that work inside one chain."""

import json
from argparse import ArgumentParser
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


class ChainCommand(BaseCommand):
    """Resolves `--chain`, runs `handle_chain` inside it and prints what it returns as JSON with `--json`."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, chain: str, json: bool, **options: Any) -> None:
        model = get_tenant_model()
        tenant = model.objects.filter(schema_name=chain).first()
        if tenant is None:
            raise CommandError(f"--chain: there is no chain {chain!r}.", returncode=1)
        with refusals_as_command_errors(), tenant_context(tenant), without_statement_timeout():
            document = self.handle_chain(**options)
        if json:
            self.stdout.write(as_document(document))
        else:
            self.print_for_people(document)

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        """Does the work; returns the document that `--json` prints."""
        raise NotImplementedError

    def print_for_people(self, document: dict[str, Any]) -> None:
        for name, value in document.items():
            self.stdout.write(f"{name}: {value}")


def as_document(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
