from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core.shared.commands import DocumentCommand, add_chain_argument, find_chain
from tenants.life.archive.writer import write_archive


class Command(DocumentCommand):
    help = "Write everything a chain has into one archive, which restore_chain takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_chain_argument(parser)
        parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="written whole or not at all")

    def work(self, *, chain: str, to: Path, **_options: Any) -> dict[str, Any]:
        if not to.parent.is_dir():
            raise CommandError(f"--to: there is no folder {to.parent}.", returncode=1)
        manifest = write_archive(find_chain(chain), to)
        return {
            "chain": chain,
            "archive": str(to),
            "bytes": to.stat().st_size,
            "tables": len(manifest.tables),
            "rows": sum(table.rows for table in manifest.tables),
            "files": len(manifest.files),
        }

    def print_for_people(self, document: dict[str, Any]) -> None:
        self.stdout.write("{archive}: {rows} rows of {tables} tables, {files} files.".format(**document))
