"""What was taken for the table of a file, and what was left out of it, as findings."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.columns import Columns
from core.imports.services.file_source import FileSource, LeftOut
from core.imports.services.files.fill_down import FILLED
from core.imports.services.files.groups import GROUPS
from core.imports.services.files.sieve import HIDDEN, OPEN_QUOTE, REPEATED, TOTAL
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.results import Finding, Level
from core.imports.services.values.memo import shortened
from core.shared.errors import AppError
from core.shared.file_fields import Value
from core.shared.sentences import join_sentences

EXAMPLES = 3


def layout_findings(source: FileSource) -> list[Finding]:
    """Of what comes before the rows."""
    layout = source.layout
    findings = []
    if layout.other_sheets or layout.hidden_sheets:
        findings.append(_sheet_finding(source))
    if layout.above:
        rows = len(layout.above)
        message = ngettext("%d row above the headings was left out.", "%d rows above the headings were left out.", rows)
        examples = tuple(shortened(text) for _line, text in layout.above[:EXAMPLES])
        line = layout.above[0][0]
        findings.append(Finding("note", "rows_above", message % rows, line, rows=rows, examples=examples))
    return findings


def ask_about_merged_amounts(source: FileSource, columns: Columns, questions: Questions) -> None:
    """An amount over several rows is that of each of them, or that of all together."""
    once = []
    for column in columns.in_file:
        if column.field.value is not Value.MONEY or column.index not in source.merged:
            continue
        question = Question(
            key=f"merged:{column.field.name}",
            text=_("In the column “%s” one cell stands for several rows. Is its amount that of all of them together?")
            % shortened(column.heading),
            choices=(
                Choice("together", _("of all together: counted once, on the first of the rows")),
                Choice("each", _("of each: counted on every one of the rows")),
            ),
            proposed="together",
            rows=source.merged[column.index],
        )
        if questions.ask(question) == "together":
            once.append(column.index)
    if once:
        source.count_once(once)


def at_its_place(finding: Finding, source: FileSource) -> Finding:
    """A finding on a row of one of several tables, with the row's number there."""
    name, line = source.place(finding.line or 0)
    return replace(finding, line=line, message=f"{name}: {finding.message}") if name and finding.line else finding


def left_out_findings(source: FileSource) -> list[Finding]:
    """Of rows among the records that are none, once all of them are read."""
    return [_left_out(one) for one in source.left_out]


def refuse_formulas(source: FileSource, columns: Columns) -> None:
    """Raises AppError for a column that is read and whose formulas have no results: they are not to pass for empty."""
    for column in columns.used:
        # A tax is beside the point of most files.
        if column.index in source.formulas and column.field.name != "tax":
            rows, line = source.formulas[column.index]
            line = source.place(line)[1]
            message = _(
                "The column “%(column)s” holds formulas without results, first in row %(line)d. Open the file in Excel "
                "or WPS, save it there, and bring it in again."
            )
            values = {"column": shortened(column.heading), "line": line}
            raise AppError("formula_without_result", message % values, field="file", line=line, rows=rows)


def _sheet_finding(source: FileSource) -> Finding:
    layout = source.layout
    sentences = [_("The sheet “%s” was read.") % layout.sheet]
    if layout.other_sheets:
        sentences.append(_("Others were not: %s.") % ", ".join(layout.other_sheets))
    if layout.hidden_sheets:
        sentences.append(_("Hidden ones are not read: %s.") % ", ".join(layout.hidden_sheets))
    if layout.similar_sheets:
        sentences.append(_("Look whether they are meant, too: %s.") % ", ".join(layout.similar_sheets))
    is_doubtful = layout.like_sheets or layout.similar_sheets
    return Finding("warning" if is_doubtful else "note", "sheet_chosen", join_sentences(sentences))


def _left_out(one: LeftOut) -> Finding:
    level: Level = "note"
    if one.reason == OPEN_QUOTE:
        level = "warning"
        message = ngettext(
            "In %d row a quotation mark is never closed: it was taken for a character, and the rows below were read.",
            "In %d rows a quotation mark is never closed: it was taken for a character, and the rows below were read.",
            one.rows,
        )
    elif one.reason == HIDDEN:
        level = "warning"
        message = ngettext(
            "%d row is hidden in the workbook, by a filter perhaps, and was read. Delete it there if it is not meant.",
            "%d rows are hidden in the workbook, by a filter perhaps, and were read. Delete them there if they are not "
            "meant.",
            one.rows,
        )
    elif one.reason == GROUPS:
        message = ngettext(
            "%d line stands above rows and names what holds for all of them: it was read as a column of its own.",
            "%d lines stand above rows and name what holds for all of them: they were read as columns of their own.",
            one.rows,
        )
    elif one.reason == FILLED:
        message = ngettext(
            "%d row goes on from the row above: what it leaves blank was read as there.",
            "%d rows go on from the row above: what they leave blank was read as there.",
            one.rows,
        )
    elif one.reason == REPEATED:
        message = ngettext(
            "%d row repeats the headings and was left out.", "%d rows repeat the headings and were left out.", one.rows
        )
    elif one.reason == TOTAL:
        message = ngettext("%d row holds totals and was left out.", "%d rows hold totals and were left out.", one.rows)
    else:
        message = ngettext(
            "%d row is a remark of the program that made the file and was left out.",
            "%d rows are remarks of the program that made the file and were left out.",
            one.rows,
        )
    examples = tuple(text for _line, text in one.examples)
    return Finding(level, one.reason, message % one.rows, one.examples[0][0], examples=examples, rows=one.rows)
