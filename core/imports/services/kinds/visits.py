"""Imports visits: lines are grouped into visits, and each is compared as a whole with the one in the database."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.catalogue.models import Service, ServiceCategory
from core.catalogue.services.loading import hold_services
from core.imports.services import database_checks
from core.imports.services.chunks import Chunk
from core.imports.services.context import Counts, ImportContext
from core.imports.services.earlier import overlap_findings, spans_as_json, spans_of_visits
from core.imports.services.kinds import visit_grouping, visit_staging
from core.imports.services.kinds.base import KindImport
from core.imports.services.kinds.visit_clients import VisitClients
from core.imports.services.kinds.visit_overview import VisitOverview
from core.imports.services.kinds.visit_receipts import VisitReceipts
from core.imports.services.kinds.visit_rows import VisitRows
from core.imports.services.kinds.visit_stubs import make_stubs
from core.imports.services.values.codes import NAMED_NEAR_MISSES, unknown_code
from core.imports.services.values.memo import Problem
from core.shared.entitlements import require_room
from core.shared.errors import AppError
from core.shared.figures import day
from core.shared.merged import follow_merged
from core.staff.models import StaffMember
from core.stores.models import Store
from core.stores.services.loading import hold_stores
from core.visits.services.loading import VisitLoading


class VisitImport(KindImport):
    table = "import_line"

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._per_store = context.options.client_ref_per_store
        if context.options.append and context.has("visit_ref"):
            message = _(
                "A file with receipts names its visits whole: --append is for files without a visit_ref column."
            )
            raise AppError("append_with_ref", message, field="append")

    def prepare(self) -> None:
        visit_staging.make_tables(self.context.cursor)
        self._rows = VisitRows(self.context)
        self._clients = VisitClients(self.context)

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        chunk = self._rows.arrange(chunk)
        details = self._clients.columns.details(chunk)
        return self._clients.stage(chunk, {**self._rows.convert(chunk), **details})

    def check(self) -> None:
        cursor = self.context.cursor
        self.context.progress.step("gathering")
        self._rows.conclude(cursor)
        cursor.execute("SET LOCAL work_mem = '64MB'")
        if hold_stores(cursor):
            self._check_closed_stores()
        cursor.execute("ANALYZE import_line (key, client, bad)")
        self._clients.gather()
        receipts = VisitReceipts(self.context, per_store=self._per_store)
        two_dates_are_wrong = receipts.group()
        if self._clients.columns.key:
            self._check_unknown_clients()
        if two_dates_are_wrong:
            self._check_dates()
        # Keys and digests of visits are of what the file names; what is written is of what that leads to.
        follow_merged(cursor, Store, "import_visit", "store_id")
        follow_merged(cursor, Service, "import_line", "service_id")
        follow_merged(cursor, StaffMember, "import_line", "staff_id")
        follow_merged(cursor, ServiceCategory, "import_line", "category_id")
        receipts.match()

    def _check_closed_stores(self) -> None:
        message = _("“%(store)s” has been closed since %(day)s and takes no visits from then on.")

        def describe(on: date, store: str, closed_on: date) -> tuple[Problem, str]:
            return Problem("store_closed", message % {"store": store, "day": day(closed_on)}), on.isoformat()

        visit_grouping.select_closed_store_rows(self.context)
        self._add_errors("started_at", describe)

    def _add_errors(self, name: str, describe: Callable[..., tuple[Problem, str]]) -> None:
        database_checks.add_errors(self.context, name, describe)
        database_checks.mark_bad_rows(self.context, self.table)

    def _check_unknown_clients(self) -> None:
        problems: dict[str, Problem] = {}

        def describe(client: str) -> tuple[Problem, str]:
            problem = problems.get(client)
            if problem is None:
                few = len(problems) < NAMED_NEAR_MISSES
                near = visit_staging.clients_like(self.context.cursor, client) if few else []
                problem = unknown_code("unknown_client", _("There is no client “%s”."), client, near).problem
                if few:
                    problems[client] = problem
            return problem, client

        if self.context.errors.rows and not self.context.options.create_missing:
            visit_grouping.select_unknown_clients_of_bad_lines(self.context, per_store=self._per_store)
            database_checks.add_errors(self.context, self._clients.columns.field, describe)
        if visit_grouping.select_unknown_client_rows(self.context):
            self._add_errors(self._clients.columns.field, describe)

    def _check_dates(self) -> None:
        message = _("The rows of one visit give two dates: line %(first)d says %(day)s, line %(second)d %(other)s.")

        def describe(first: int, on: date, second: int, other: date) -> tuple[Problem, str]:
            values = {"first": first, "day": on.isoformat(), "second": second, "other": other.isoformat()}
            return Problem("two_dates", message % values), ""

        if visit_grouping.select_two_date_rows(self.context):
            self._add_errors("started_at", describe)

    def load(self) -> Counts:
        context, cursor = self.context, self.context.cursor
        hold_services(cursor)
        new_staff = make_stubs(cursor, self._rows, all_good=not context.errors.rows)
        overview = VisitOverview(cursor) if context.options.dry_run else None
        spans = spans_of_visits(cursor)
        loading = VisitLoading(cursor)
        counts = Counts(*loading.run())
        context.span = spans_as_json(spans)
        context.findings += overlap_findings(spans, known=counts.updated + counts.unchanged, new=counts.created)
        if overview:
            context.overview = overview.after_loading(new_clients=context.new_clients)
        self._add_warnings(loading)
        context.progress.step("facts")
        loading.announce()
        if new_staff:
            require_room("staff", StaffMember.objects.count)
        return counts

    def _add_warnings(self, loading: VisitLoading) -> None:
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
        return visit_grouping.context_lines()
