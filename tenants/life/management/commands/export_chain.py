from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.shared.commands import as_document
from tenants.life.archive.writer import write_archive
from tenants.life.command_chain import get_chain


class Command(BaseCommand):
    help = "Write everything a chain has into one archive, which restore_chain takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, metavar="SCHEMA", help="the chain's schema")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="written whole or not at all")
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, chain: str, to: Path, json: bool, **_options: Any) -> None:
        if not to.parent.is_dir():
            raise CommandError(f"--to: there is no folder {to.parent}.", returncode=1)
        manifest = write_archive(get_chain(chain), to)
        document = {
            "chain": chain,
            "archive": str(to),
            "bytes": to.stat().st_size,
            "tables": len(manifest.tables),
            "rows": sum(table.rows for table in manifest.tables),
            "files": len(manifest.files),
        }
        if json:
            self.stdout.write(as_document(document))
        else:
            self.stdout.write("{archive}: {rows} rows of {tables} tables, {files} files.".format(**document))
