from argparse import ArgumentParser
from typing import Any

from core.reporting.management.commands import report


class Command(report.Command):
    help = "The repurchase rate of a period, by a breakdown: short for `report repurchase_rate`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_question_arguments(parser)

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        return super().handle_chain(**{**options, "metric": "repurchase_rate"})
