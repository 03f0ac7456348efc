"""Which visits the receipts and days of a file are: told by rules that are shown, or asked."""

from collections.abc import Callable
from dataclasses import replace

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_grouping, visit_sums
from core.imports.services.questions import Choice, Question
from core.imports.services.results import Finding
from core.visits.services import matching

# Choices.
SEPARATE, MOVED, REPLACE, ADD = "separate", "moved", "replace", "add"
ONCE, EACH = "once", "each"
SAME, APART = "same", "apart"
DAYS = "receipts:days"
# Of a file whose numbers start again, at least this many receipts have several days, and at least this share of all.
STARTED_AGAIN, SHARE_STARTED_AGAIN = 2, 0.5


class VisitReceipts:
    def __init__(self, context: ImportContext, *, per_store: bool) -> None:
        self.context = context
        self.cursor: CursorWrapper = context.cursor
        self._per_store = per_store
        self._days_are_apart = False

    def group(self) -> bool:
        """Groups lines into visits. Whether rows of one visit with two dates are errors."""
        self._group()
        self._leave_sums_out()
        self._name_whole()
        twice = visit_grouping.visits_twice(self.cursor)
        if twice and self.context.questions.ask(_twice(twice)) == ONCE:
            visit_grouping.count_once(self.cursor)
            self._group()
        several = visit_grouping.receipts_of_several_days(self.cursor) if self.context.has("visit_ref") else None
        if several is None:
            return False
        taken = self.context.questions.ask(_days_within(several))
        if taken == SEPARATE:
            self._days_are_apart = True
            visit_grouping.keep_days_apart(self.cursor)
            self._group()
        return taken == MOVED

    def _leave_sums_out(self) -> None:
        """Without a word such as 小计 they pass for visits."""
        has = self.context.has
        by_receipt = has("visit_ref") and (has("item") or has("service_code"))
        sums = visit_sums.sums_of_receipts(self.cursor) if by_receipt else None
        key = "sums:receipts"
        if sums is None:
            sums, key = visit_sums.sums_of_days(self.cursor), "sums:days"
        if sums and self.context.questions.ask(visit_sums.sum_question(key, sums)) == visit_sums.LEAVE_OUT:
            visit_sums.leave_sums_out(self.cursor)
            self._group()

    def _name_whole(self) -> None:
        """Where a till, or a cell that was merged, names the client on the first line of a receipt alone."""
        half = visit_grouping.receipts_half_named(self.cursor) if self.context.has("visit_ref") else None
        if half and self.context.questions.ask(_half_named(half)) == SAME:
            visit_grouping.name_whole_receipts(self.cursor)
            self._group()

    def _group(self) -> None:
        visit_grouping.group_lines(self.cursor, per_store=self._per_store, append=self.context.options.append)

    def match(self) -> None:
        """Finds the known visits among those of the file."""
        if not matching.find_known(self.cursor):
            return
        if self.context.has("visit_ref"):
            self._match_other_days()
            self._match_other_clients()
        matching.find_lost_lines(self.cursor)
        self._ask_lost("days:lines", "l.ref IS NULL", _lost_of_days)
        if self.context.has("visit_ref"):
            self._ask_lost("receipts:lines", "l.ref IS NOT NULL AND l.kept = 0", _lost_of_receipts)
            self._tell_lost()

    def _match_other_days(self) -> None:
        found = matching.find_other_days(self.cursor)
        if found.visits and not self._days_are_apart and self.context.questions.ask(_other_days(found)) == MOVED:
            matching.take_as_moved(self.cursor)

    def _match_other_clients(self) -> None:
        found = matching.find_other_clients(self.cursor)
        if not found.visits:
            return
        question = _other_clients(found)
        if found.alike == found.visits and not matching.receipts_serve_several(self.cursor):
            reason = _("Day and lines are the same, and the file no longer names the former client.")
            question = replace(question, taken=MOVED, reason=reason)
        if self.context.questions.ask(question) == MOVED:
            matching.give_to_other_client(self.cursor)

    def _ask_lost(self, key: str, where: str, question: Callable[[str, matching.Found], Question]) -> None:
        found = matching.lost_lines(self.cursor, where)
        if found.visits and self.context.questions.ask(question(key, found)) == ADD:
            matching.add_to_known(self.cursor, where)

    def _tell_lost(self) -> None:
        found = matching.lost_lines(self.cursor, "l.ref IS NOT NULL AND l.kept > 0")
        if found.visits:
            message = ngettext(
                "%d known receipt has fewer lines in the file, and loses the others.",
                "%d known receipts have fewer lines in the file, and lose the others.",
                found.visits,
            )
            self.context.findings.append(
                Finding(
                    "warning",
                    "lines_gone",
                    message % found.visits,
                    rows=found.visits,
                    examples=_lost_examples(found),
                    effect=_lost_effect(found),
                )
            )


def _half_named(half: visit_grouping.HalfNamed) -> Question:
    text = ngettext(
        "%d receipt has lines of one client and lines that name nobody. Are these of the same client?",
        "%d receipts have lines of one client and lines that name nobody. Are these of the same client?",
        half.receipts,
    )
    effect = ngettext(
        "%d line would count as a visit of nobody.", "%d lines would count as visits of nobody.", half.lines
    )
    example = _("Receipt %(ref)s: %(client)s")
    return Question(
        "receipts:nobody",
        text % half.receipts,
        (
            Choice(SAME, _("Yes: the whole receipt is of the client it names")),
            Choice(APART, _("No: somebody else was there, who is not known")),
        ),
        proposed=SAME,
        rows=half.lines,
        examples=tuple(example % {"ref": ref, "client": client} for ref, client in half.examples),
        effect=effect % half.lines,
    )


def _twice(twice: visit_grouping.Twice) -> Question:
    text = ngettext(
        "%d visit stands in the file twice, line for line. Were two exports put together?",
        "%d visits stand in the file twice, line for line. Were two exports put together?",
        twice.visits,
    )
    effect = ngettext(
        "%d line, with its revenue, would count twice.", "%d lines, with their revenue, would count twice.", twice.lines
    )
    return Question(
        "receipts:twice",
        text % twice.visits,
        (
            Choice(ONCE, _("The same visits come again: count each once")),
            Choice(EACH, _("They happened like this: count every line")),
        ),
        proposed=ONCE,
        rows=2 * twice.lines,
        examples=tuple(_told(ref, client, day) for ref, client, day in twice.examples),
        effect=effect % twice.lines,
    )


def _days_within(several: visit_grouping.SeveralDays) -> Question:
    """Rows of one receipt with two dates in one file cannot both be right, unless the numbers start again."""
    question = Question(
        DAYS,
        ngettext(
            "%d receipt of the file has rows of more than one day. Do the receipt numbers start again?",
            "%d receipts of the file have rows of more than one day. Do the receipt numbers start again?",
            several.receipts,
        )
        % several.receipts,
        (
            Choice(SEPARATE, _("They start again: each day is a visit of its own")),
            Choice(MOVED, _("A receipt has one day: such rows are errors")),
        ),
        proposed=SEPARATE,
        rows=several.receipts,
        examples=_day_examples(several.examples),
        effect=_("Each day counts as a visit of its own, or not at all."),
    )
    if several.receipts >= STARTED_AGAIN and several.receipts >= SHARE_STARTED_AGAIN * several.of:
        reason = _("At least half of the receipt numbers come on more than one day.")
        return replace(question, taken=SEPARATE, reason=reason)
    if several.receipts == 1:
        return replace(question, taken=MOVED, reason=_("No other receipt number comes on more than one day."))
    return question


def _other_days(found: matching.Found) -> Question:
    return Question(
        DAYS,
        ngettext(
            "%d receipt is known with another day. Do the receipt numbers start again, or was the day corrected?",
            "%d receipts are known with another day. Do the receipt numbers start again, or were the days corrected?",
            found.visits,
        )
        % found.visits,
        (
            Choice(SEPARATE, _("They start again: each day is a visit of its own")),
            Choice(MOVED, _("The day was corrected: the known visits move to the day of the file")),
        ),
        proposed=MOVED if 2 * found.alike > found.visits else SEPARATE,
        rows=found.visits,
        examples=_day_examples(found.examples),
        effect=_("Visits that move are gone from the day on which they were."),
    )


def _other_clients(found: matching.Found) -> Question:
    example = _("Receipt %(ref)s: %(was)s → %(now)s")
    nobody = _("nobody")
    return Question(
        "receipts:client",
        ngettext(
            "%d known receipt names another client now, and no longer the one it had. Did it get another client?",
            "%d known receipts name another client now, and no longer the one they had. Did they get another client?",
            found.visits,
        )
        % found.visits,
        (
            Choice(MOVED, _("The known visits are the other client’s now")),
            Choice(SEPARATE, _("Both clients were there: the visits of the file are new ones")),
        ),
        proposed=MOVED,
        rows=found.visits,
        examples=tuple(
            example % {"ref": ref, "was": was or nobody, "now": now or nobody} for ref, was, now in found.examples
        ),
        effect=_("If they are new ones, both visits count, with the revenue of both."),
    )


def _lost_of_days(key: str, found: matching.Found) -> Question:
    text = ngettext(
        "%d visit would lose lines that this file does not name. Does the file hold whole days?",
        "%d visits would lose lines that this file does not name. Does the file hold whole days?",
        found.visits,
    )
    choices = (
        Choice(REPLACE, _("It holds whole days: what it does not name goes")),
        Choice(ADD, _("It holds a part of them: its lines are added to those that are known")),
    )
    return _lost(Question(key, text % found.visits, choices), found)


def _lost_of_receipts(key: str, found: matching.Found) -> Question:
    text = ngettext(
        "%d known receipt has other lines in this file. Is it the rest of the receipt?",
        "%d known receipts have other lines in this file. Is it the rest of the receipts?",
        found.visits,
    )
    choices = (
        Choice(REPLACE, _("The file holds whole receipts: what it does not name goes")),
        Choice(ADD, _("It holds the rest of them: its lines are added to those that are known")),
    )
    return _lost(Question(key, text % found.visits, choices), found)


def _lost(question: Question, found: matching.Found) -> Question:
    return replace(
        question,
        proposed=ADD,
        rows=found.visits,
        examples=_lost_examples(found),
        effect=_lost_effect(found),
    )


def _lost_effect(found: matching.Found) -> str:
    text = ngettext("%d known line would go.", "%d known lines would go.", found.alike)
    return text % found.alike


def _lost_examples(found: matching.Found) -> tuple[str, ...]:
    return tuple(f"{_told(ref, client, on)}: −{lines}" for ref, client, on, lines in found.examples)


def _told(ref: str | None, client: str | None, on: str) -> str:
    """A visit, for people."""
    return ", ".join(filter(None, [ref and _("receipt %s") % ref, client or _("nobody"), on]))


def _day_examples(examples: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    text = _("Receipt %(ref)s: %(was)s and %(day)s")
    return tuple(text % {"ref": ref, "was": was, "day": on} for ref, was, on in examples)
