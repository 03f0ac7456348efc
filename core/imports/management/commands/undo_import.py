from argparse import ArgumentParser
from typing import Any

from core.imports.undo.undoing import undo_import
from core.shared.commands import ChainCommand, an_id


class Command(ChainCommand):
    help = "Takes an import back: what it made goes, what it changed is as before, what was changed since is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", type=an_id, help="of the import, as import_data prints it")
        parser.add_argument("--dry-run", action="store_true", help="do everything but keep it")

    def handle_chain(self, **arguments: Any) -> dict[str, Any]:
        run = undo_import(arguments["id"], acting_user=None, dry_run=arguments["dry_run"])
        document = run.undo or {}
        for kept in document["records"]:
            self.stderr.write(f"Kept ({kept['reason']}): {kept['label']}")
        if arguments["dry_run"]:
            self.stderr.write("A dry run: nothing was kept.")
        return {name: document[name] for name in ("removed", "restored", "kept")}
