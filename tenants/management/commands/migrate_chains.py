from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.shared.commands import as_document, at_least_one
from tenants.console.chain_figures import save_migration_problem
from tenants.provisioning.upgrade import UpgradeResult, migrate_chains


class Command(BaseCommand):
    help = "Run the migrations that chains still lack. One that fails is reported and does not stop the others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a chain is behind")
        parser.add_argument("--workers", type=at_least_one, help="chains at a time; by their number and the processors")
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, check: bool, json: bool, workers: int | None, **_options: Any) -> None:
        result = migrate_chains(workers=workers, check_only=check, report=self.stderr.write)
        if json:
            self.stdout.write(as_document(result.as_json()))
        else:
            self._print(result, check=check)
        for schema, error in result.errors.items():
            save_migration_problem(schema, error)
            self.stderr.write(f"{schema}: {error}")
        if result.errors or (check and result.behind):
            raise SystemExit(1)

    def _print(self, result: UpgradeResult, *, check: bool) -> None:
        if check:
            names = ", ".join(result.behind)
            done = f"{len(result.behind)} behind: {names}" if names else "none behind"
        else:
            done = f"{len(result.migrated)} migrated, {len(result.errors)} failed"
        self.stdout.write(f"{result.chains} chains, {done} ({result.seconds:.2f} s).")
