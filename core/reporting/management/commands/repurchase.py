from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from core.reporting.report import BASES, BREAKDOWNS, SCOPES, Question
from core.reporting.repurchase import repurchase
from core.shared.commands import ChainCommand


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date; write it as 2025-01-31.") from error


class Command(ChainCommand):
    help = "Repurchase rate (M1) of a period, by a breakdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--from", dest="start", type=_day, required=True, metavar="DATE", help="first day")
        parser.add_argument("--to", dest="end", type=_day, required=True, metavar="DATE", help="day after the last")
        parser.add_argument("--by", choices=BREAKDOWNS, default="none")
        parser.add_argument("--scope", choices=SCOPES, default="chain")
        parser.add_argument("--basis", choices=BASES, default="visit")

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        asked = {name: options[name] for name in ("start", "end", "by", "scope", "basis")}
        return repurchase(Question(**asked)).as_json()

    def print_for_people(self, document: dict[str, Any]) -> None:
        rows = [*document["groups"], {"label": "Total", **document["total"]}]
        self.stdout.write(f"{'':24} {'clients':>9} {'repeat':>9} {'rate':>7}  95 % interval")
        for row in rows:
            self.stdout.write(f"{row['label']:24} {row['clients']:>9} {row['repeat_clients']:>9} {_rate(row)}")


def _rate(row: dict[str, Any]) -> str:
    if row["rate"] is None:
        return f"{'–':>7}"
    low, high = row["ci95"]
    return f"{row['rate']:>7.1%}  {low:.1%} – {high:.1%}"
