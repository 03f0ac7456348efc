"""Brings visits in: lines are gathered to visits, and each visit is compared as a whole with what is known of it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services import found
from core.imports.services.context import Counts, ImportContext
from core.imports.services.kinds import visit_gathering, visit_staging
from core.imports.services.kinds.visit_rows import VisitRows
from core.imports.services.kinds.visit_stubs import make_stubs
from core.imports.services.rows import Chunk
from core.imports.services.values.codes import NAMED_NEAR_MISSES, unknown
from core.imports.services.values.memo import Problem
from core.shared.entitlements import require_room
from core.shared.errors import AppError
from core.shared.figures import day
from core.staff.models import StaffMember
from core.stores.services.loading import hold_stores
from core.visits.services.loading import VisitLoading


class VisitImport:
    table = "import_line"

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self._per_store = context.options.client_ref_per_store
        if context.options.append and context.has("visit_ref"):
            message = _(
                "A file with receipts names its visits whole: --append is for files without a visit_ref column."
            )
            raise AppError("append_with_ref", message, field="append")

    def prepare(self) -> None:
        visit_staging.make_tables(self.context.cursor)
        self._rows = VisitRows(self.context)

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        return self._rows.convert(chunk)

    def check(self) -> None:
        cursor, lines = self.context.cursor, self.context.rows
        self.context.step("gathering")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        if hold_stores(cursor):
            self._note_closed_stores()
        cursor.execute("ANALYZE import_line (key, client)")
        if self.context.options.create_missing and self.context.has("client_ref"):
            made = visit_staging.make_clients(cursor, lines=lines, per_store=self._per_store)
            self.context.new_clients = made
        visit_gathering.gather(cursor, lines=lines, per_store=self._per_store)
        if self.context.has("client_ref"):
            self._note_unknown_clients()
        if self.context.has("visit_ref"):
            self._note_two_dates()

    def _note_closed_stores(self) -> None:
        message = _("“%(store)s” has been closed since %(day)s and takes no visits from then on.")

        def told(on: date, store: str, closed_on: date) -> tuple[Problem, str]:
            return Problem("store_closed", message % {"store": store, "day": day(closed_on)}), on.isoformat()

        visit_gathering.find_closed_stores(self.context)
        self._note_found("started_at", told)

    def _note_found(self, name: str, told: Callable[..., tuple[Problem, str]]) -> None:
        found.note(self.context, name, told)
        found.mark_bad(self.context, self.table)

    def _note_unknown_clients(self) -> None:
        problems: dict[str, Problem] = {}

        def told(client: str) -> tuple[Problem, str]:
            problem = problems.get(client)
            if problem is None:
                few = len(problems) < NAMED_NEAR_MISSES
                near = visit_staging.clients_like(self.context.cursor, client) if few else []
                problem = unknown("unknown_client", _("There is no client “%s”."), client, near).problem
                if few:
                    problems[client] = problem
            return problem, client

        if self.context.errors.rows and not self.context.options.create_missing:
            visit_gathering.find_unknown_clients_of_bad_lines(self.context, per_store=self._per_store)
            found.note(self.context, "client_ref", told)
        if visit_gathering.find_unknown_clients(self.context):
            self._note_found("client_ref", told)

    def _note_two_dates(self) -> None:
        message = _("The rows of one visit give two dates: line %(first)d says %(day)s, line %(second)d %(other)s.")

        def told(first: int, on: date, second: int, other: date) -> tuple[Problem, str]:
            values = {"first": first, "day": on.isoformat(), "second": second, "other": other.isoformat()}
            return Problem("two_dates", message % values), ""

        if visit_gathering.find_two_dates(self.context):
            self._note_found("started_at", told)

    def load(self) -> Counts:
        context, cursor = self.context, self.context.cursor
        context.step("loading")
        new_staff = make_stubs(cursor, self._rows, all_good=not context.errors.rows)
        loading = VisitLoading(cursor, append=context.options.append)
        counts = Counts(*loading.run())
        self._tell(loading)
        context.step("facts")
        loading.announce()
        if new_staff:
            require_room("staff", StaffMember.objects.count)
        return counts

    def _tell(self, loading: VisitLoading) -> None:
        if loading.revived:
            message = ngettext(
                "%d visit that had been voided is back, because the file now says something else of it.",
                "%d visits that had been voided are back, because the file now says something else of them.",
                loading.revived,
            )
            self.context.warn("revived_visits", message % loading.revived)
        if self._rows.turned_returns:
            message = ngettext(
                "%d return had an amount above 0; it is taken as money given back.",
                "%d returns had an amount above 0; they are taken as money given back.",
                self._rows.turned_returns,
            )
            self.context.warn("turned_returns", message % self._rows.turned_returns)

    def context_lines(self) -> Iterable[int]:
        return visit_gathering.context_lines()
