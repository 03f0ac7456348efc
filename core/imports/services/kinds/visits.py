"""Brings visits in: lines are gathered to visits, and each visit is compared as a whole with what is known of it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.context import Counts, ImportContext
from core.imports.services.kinds import visit_loading, visit_staging
from core.imports.services.kinds.visit_rows import VisitRows
from core.imports.services.rows import Chunk, RowError
from core.imports.services.values.codes import unknown
from core.imports.services.values.memo import Problem, shortened
from core.reporting.services.facts import refresh_clients_from, refresh_store_days_from
from core.shared.errors import AppError

NAMED_NEAR_MISSES = 20


class VisitImport:
    copy = visit_staging.COPY

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self._per_store = context.options.client_ref_per_store
        if context.options.append and context.has("visit_ref"):
            message = _(
                "A file with receipts names its visits whole: --append is for files without a visit_ref column."
            )
            raise AppError("append_with_ref", message, field="append")
        self._unknown_clients: dict[str, Problem] = {}

    def prepare(self) -> None:
        visit_staging.make_tables(self.context.cursor)
        self._rows = VisitRows(self.context)
        # Each batch looks its few thousand clients up in a table that the planner may still take for empty.
        self.context.cursor.execute("SET LOCAL enable_seqscan = off")

    def convert(self, chunk: Chunk) -> list[Sequence[str]]:
        return self._rows.convert(chunk)

    def merge(self) -> None:
        cursor = self.context.cursor
        if self.context.has("client_ref"):
            if self.context.options.create_missing:
                visit_staging.make_clients(cursor, per_store=self._per_store)
            else:
                self._note_unknown_clients()
        visit_staging.take_in(cursor, per_store=self._per_store)

    def _note_unknown_clients(self) -> None:
        errors = self.context.errors
        heading = self.context.columns.heading_of("client_ref")
        found = visit_staging.note_unknown_clients(self.context.cursor, per_store=self._per_store)
        for line, client, was_bad in found:
            errors.add(RowError(line, heading, self._unknown_client(client), shortened(client)))
            errors.late_rows += not was_bad

    def _unknown_client(self, client: str) -> Problem:
        """With near misses, for the first few: a whole file of unknown clients is no list of slips."""
        known = self._unknown_clients.get(client)
        if known is None:
            few = len(self._unknown_clients) < NAMED_NEAR_MISSES
            near = visit_staging.clients_like(self.context.cursor, client) if few else []
            known = unknown("unknown_client", _("There is no client “%s”."), client, near).problem
            self._unknown_clients[client] = known
        return known

    def check(self) -> None:
        cursor = self.context.cursor
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
        self.context.step("gathering")
        visit_loading.gather(cursor)
        if self.context.has("visit_ref"):
            self._note_two_dates()

    def _note_two_dates(self) -> None:
        message = _("The rows of one visit give two dates: line %(first)d says %(day)s, line %(second)d %(other)s.")
        for conflict in visit_loading.take_out_two_dates(self.context.cursor):
            values = {
                "first": conflict.first_line,
                "day": conflict.first_day.isoformat(),
                "second": conflict.second_line,
                "other": conflict.second_day.isoformat(),
            }
            problem = Problem("two_dates", message % values)
            heading = self.context.columns.heading_of("started_at")
            for line in conflict.lines:
                self.context.errors.add(RowError(line, heading, problem, ""))
            self.context.errors.late_rows += len(conflict.lines)

    def load(self) -> Counts:
        context, cursor = self.context, self.context.cursor
        context.step("loading")
        visit_loading.make_stubs(cursor, self._rows)
        loading = visit_loading.VisitLoading(cursor, append=context.options.append)
        counts = loading.run()
        if loading.revived:
            message = ngettext(
                "%d visit that had been voided is back, because the file now says something else of it.",
                "%d visits that had been voided are back, because the file now says something else of them.",
                loading.revived,
            )
            context.warn("revived_visits", message % loading.revived)
        if self._rows.turned_returns:
            message = ngettext(
                "%d return had an amount above 0; it is taken as money given back.",
                "%d returns had an amount above 0; they are taken as money given back.",
                self._rows.turned_returns,
            )
            context.warn("turned_returns", message % self._rows.turned_returns)
        context.step("facts")
        refresh_store_days_from(cursor, table="affected_store_day")
        refresh_clients_from(cursor, table="affected_client")
        return counts

    def context_lines(self) -> list[int]:
        return visit_loading.context_lines(self.context.cursor)
