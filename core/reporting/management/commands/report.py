from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from core.reporting.compare.kinds import SPLITS
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import BASES, BREAKDOWNS, COMPARISONS, FILTERS, SCOPES, Question
from core.reporting.why import BEFORE, CHAIN, CITY_TIER, Pair, document_with_why
from core.shared import figures
from core.shared.commands import ChainCommand


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date; write it as 2025-01-31.") from error


class Command(ChainCommand):
    help = "A metric of a period, by a breakdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("metric", choices=list(METRICS), metavar="METRIC", help=", ".join(METRICS))
        self.add_question_arguments(parser)

    def add_question_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--from", dest="start", type=_day, required=True, metavar="DATE", help="first day")
        parser.add_argument("--to", dest="end", type=_day, required=True, metavar="DATE", help="day after the last")
        parser.add_argument("--by", choices=BREAKDOWNS, default="none")
        parser.add_argument("--scope", choices=SCOPES, default="chain")
        parser.add_argument("--basis", choices=BASES, default="visit")
        parser.add_argument("--within", type=int, metavar="DAYS", help="of metrics that follow clients for some days")
        for name in FILTERS:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="CODE" if name == "store" else "TEXT")
        parser.add_argument("--compare", choices=COMPARISONS, default="none", help="with the change on a period before")
        parser.add_argument("--full", action="store_true", help="with tests, funnel, ranking and the parts of the gap")
        parser.add_argument("--one", metavar="KEY", help="why this group differs, with --other")
        sides = f"another group, or {BEFORE}, {CHAIN}, {CITY_TIER}"
        parser.add_argument("--other", metavar="KEY", help=f"what it is set against: {sides}")
        parser.add_argument("--split", choices=SPLITS, default="usual", help="what the gap between them is split by")

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        names = ("metric", "start", "end", "by", "scope", "basis", "within", "compare", *FILTERS)
        requested = {name: options[name] for name in names}
        requested["within"] = requested["within"] or next(iter(METRICS[requested["metric"]].horizons), None)
        question = Question(**requested)
        pair = None
        if options["one"] is not None or options["other"] is not None:
            pair = Pair(one=options["one"] or "", other=options["other"] or "", split=options["split"])
        return document_with_why(question, pair, full=options["full"])

    def print_for_people(self, document: dict[str, Any]) -> None:
        metric = METRICS[document["metric"]]
        names = [figure.name for figure in metric.figures[:1]]
        heads = "".join(f" {name:>20}" for name in names)
        interval = "  95 % interval" if metric.unit.is_estimated else ""
        self.stdout.write(f"{'':24} {'clients':>9}{heads} {'value':>9}{interval}")
        for row in [*document["groups"], {"label": "Total", **document["total"]}]:
            counts = "".join(f" {row[name]:>20}" for name in names)
            self.stdout.write(f"{row['label']:24} {row['clients']:>9}{counts} {_value(row, metric)}")


def _value(row: dict[str, Any], metric: Metric) -> str:
    value = f"{metric.unit.text(row['value']):>9}"
    return f"{value}  {figures.interval(row['ci95'])}" if row["ci95"] else value
