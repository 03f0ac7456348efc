from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.provisioning.recording import record_chain_script
from tenants.provisioning.script import SCRIPT


class Command(BaseCommand):
    help = "Record the prepared script of new chains from the migrations; run it after every new migration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the script is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        script = record_chain_script()
        same = SCRIPT.exists() and SCRIPT.read_text(encoding="utf-8") == script
        if check:
            if not same:
                self.stderr.write(f"{SCRIPT} is stale: run record_chain_script.")
                raise SystemExit(1)
            return
        SCRIPT.write_text(script, encoding="utf-8")
        self.stderr.write(f"{SCRIPT}: {'unchanged' if same else 'renewed'}")
