"""Brings visits in: lines are gathered to visits, and each visit is compared as a whole with what is known of it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.imports.services.context import Counts, ImportContext
from core.imports.services.kinds import visit_loading, visit_staging
from core.imports.services.kinds.visit_rows import VisitRows
from core.imports.services.rows import Chunk, RowError
from core.imports.services.values.memo import Problem, shortened
from core.reporting.services.facts import refresh_clients_from, refresh_store_days_from
from core.shared.errors import AppError


class VisitImport:
    copy = visit_staging.COPY

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self._per_store = context.options.client_ref_per_store
        if context.options.append and context.has("visit_ref"):
            message = _("A file with receipts names its visits whole: --append is for files without a visit_ref column.")
            raise AppError("append_with_ref", message, field="append")

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
            problem = Problem("unknown_client", _("There is no client “%s”.") % shortened(client))
            errors.add(RowError(line, heading, problem, shortened(client)))
            errors.late_rows += not was_bad

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
            message = _("%d visits that had been voided are back, because the file now says something else of them.")
            context.warn("revived_visits", message % loading.revived)
        context.step("facts")
        refresh_store_days_from(cursor, table="affected_store_day")
        refresh_clients_from(cursor, table="affected_client")
        return counts

    def context_lines(self) -> list[int]:
        return visit_loading.context_lines(self.context.cursor)
