import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from core.imports.models import Kind
from core.imports.runs.execution import import_as_command
from core.imports.services.files.charsets import ENCODINGS
from core.imports.services.options import (
    ImportOptions,
    parse_answers,
    parse_constants,
    parse_delimiter,
    parse_leave_out,
    parse_mapping,
)
from core.imports.services.profiles import named_profile, with_profile
from core.imports.services.questions import Question
from core.imports.services.results import Finding, ImportRefused, ImportResult
from core.jobs.progress import Progress
from core.shared.commands import ChainCommand, an_id, refusals_as_command_errors
from core.shared.errors import AppError

# Of kinds of findings; each may be of any column.
SHOWN_FINDINGS = 50
PLAIN_OPTIONS = (
    "date_format", "store", "client_ref_per_store", "create_missing", "append", "skip_bad_rows", "dry_run",
    "sheet", "heading_row", "last_row", "encoding",
)  # fmt: skip
# Where progress goes to a file, a line this often.
SECONDS_BETWEEN_LINES = 5.0


class Command(ChainCommand):
    help = (
        "Brings a file of stores, staff, services, clients, visits, balances or appointments in, whole or not at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map", action="append", default=[], metavar='"COLUMN=FIELD"', help="repeatable; =- ignores"
        )
        parser.add_argument("--date-format", metavar="%m/%d/%Y", help="how dates are written")
        parser.add_argument("--store", metavar="CODE", help="the store of rows that name none")
        parser.add_argument("--client-ref-per-store", action="store_true", help="each store numbers its own clients")
        parser.add_argument("--no-header", action="store_true", help="the first row is data; list --columns")
        parser.add_argument("--columns", metavar="a,b,-,c", help="fields in order, - for a column to ignore")
        parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook; found out by itself")
        parser.add_argument(
            "--heading-row", type=int, metavar="N", help="the line of the headings, 0 for none; found out by itself"
        )
        parser.add_argument("--last-row", type=int, metavar="N", help="the last line to read")
        parser.add_argument("--encoding", help=f"one of {', '.join(ENCODINGS)}; found out by itself")
        parser.add_argument("--delimiter", help="comma, semicolon, tab, pipe or whitespace; found out by itself")
        parser.add_argument(
            "--create-missing", action="store_true", help="make stubs for unknown clients, staff, services"
        )
        parser.add_argument("--append", action="store_true", help="add to days that are known already")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="load the good rows, write the others to a file"
        )
        parser.add_argument(
            "--answer", action="append", default=[], metavar='"KEY=CHOICE"', help="repeatable; answers a question"
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar='"FIELD=VALUE"', help="repeatable; the same for all rows"
        )
        parser.add_argument(
            "--leave-out", action="append", default=[], metavar='"COLUMN=VALUE"', help="repeatable; rows to pass over"
        )
        parser.add_argument("--profile", metavar="NAME", help="read the file as the page remembers it under this name")
        parser.add_argument(
            "--replaces",
            type=an_id,
            metavar="ID",
            help="take that import back in the same deed, as import_data printed it",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything but keep it")

    def handle_chain(self, **arguments: Any) -> dict[str, Any]:
        meter = _ProgressLine(self.stderr)
        try:
            with refusals_as_command_errors():
                options = _options(arguments)
        except CommandError as error:
            error.returncode = 2
            raise
        try:
            result = import_as_command(arguments["kind"], arguments["file"], options, on_progress=meter)
        except ImportRefused as refused:
            meter.end()
            self._show(refused.result.kinds)
            self._ask(refused.result.open_questions)
            raise
        meter.end()
        self._show(result.kinds)
        self._tell(result.questions)
        self._conclude(result, options)
        return result.as_json()

    def _show(self, findings: list[Finding]) -> None:
        """As the page does: each kind of finding with its number of rows, examples and what it does to the figures."""
        for finding in findings[:SHOWN_FINDINGS]:
            self.stderr.write(_in_words(finding))
            if finding.rows > 1 or finding.level != "error":
                for example in finding.examples:
                    self.stderr.write(f"    {example}")
        if len(findings) > SHOWN_FINDINGS:
            self.stderr.write(f"… and {len(findings) - SHOWN_FINDINGS} more.")

    def _ask(self, questions: list[Question]) -> None:
        for question in questions:
            self.stderr.write(question.text)
            for example in question.examples:
                self.stderr.write(f"    {example}")
            for choice in question.choices:
                self.stderr.write(f'  --answer "{question.key}={choice.value}"  {choice.label}')

    def _tell(self, questions: list[Question]) -> None:
        """What was decided by a rule, which an answer would change."""
        for question in questions:
            if not question.answered:
                self.stderr.write(f"{question.text} {question.taken_label}. {question.reason} [{question.key}]")

    def _conclude(self, result: ImportResult, options: ImportOptions) -> None:
        if result.rejects_file:
            self.stderr.write(f"Rows left out, to be corrected and imported: {result.rejects_file}")
        if options.dry_run:
            self.stderr.write("A dry run: nothing was kept.")


def _options(arguments: dict[str, Any]) -> ImportOptions:
    # Here and not of the options themselves: the page keeps what was mapped when the header is switched off and on.
    if arguments["map"] and (arguments["no_header"] or arguments["heading_row"] == 0):
        message = _("Only headings can be mapped: with --no-header list every column in --columns.")
        raise AppError("map_without_header", message, field="map")
    columns = tuple(name.strip() for name in arguments["columns"].split(",")) if arguments["columns"] else None
    said: dict[str, Any] = {
        "mapping": parse_mapping(arguments["map"]),
        "answers": parse_answers(arguments["answer"]),
        "constants": parse_constants(arguments["set"]),
        "leave_out": parse_leave_out(arguments["leave_out"]),
        "columns": columns,
        "header": not arguments["no_header"],
        "delimiter": parse_delimiter(arguments["delimiter"]) if arguments["delimiter"] else None,
        "replaces": str(arguments["replaces"]) if arguments["replaces"] else None,
        **{name: arguments[name] for name in PLAIN_OPTIONS},
    }
    if arguments["profile"] is None:
        return ImportOptions(**said)
    return ImportOptions.from_json(with_profile(said, named_profile(arguments["kind"], arguments["profile"])))


def _in_words(finding: Finding) -> str:
    """With its mend, where another import is concerned."""
    rows = f"({finding.rows:,} rows)" if finding.rows > 1 else ""
    mend = f"[--replaces {finding.earlier}]" if finding.earlier else ""
    return " ".join(filter(None, [str(finding), finding.effect, rows, mend]))


class _ProgressLine:
    """Progress on standard error: one line that renews itself on a terminal, else a line every few seconds."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._terminal = sys.stderr.isatty()
        self._printed_at = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if not self._terminal and time.monotonic() - self._printed_at < SECONDS_BETWEEN_LINES:
            return
        self._printed_at = time.monotonic()
        text = _as_text(progress)
        self._out.write(f"\r{text:70}" if self._terminal else text, ending="" if self._terminal else "\n")

    def end(self) -> None:
        if self._terminal:
            self._out.write("")


def _as_text(progress: Progress) -> str:
    if progress.phase != "reading" or not progress.seconds:
        return f"{progress.phase} …"
    left = progress.remaining_seconds
    remaining = f", {left:.0f} s left" if left is not None else ""
    return (
        f"reading: {progress.done:,} of {progress.total:,} lines "
        f"({progress.done / max(progress.total, 1):.0%}), {progress.rate:,.0f} lines/s{remaining}"
    )
