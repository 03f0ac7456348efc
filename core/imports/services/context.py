"""The state that the parts of one import share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.services.chunks import RowErrors
from core.imports.services.columns import Columns, needs_store
from core.imports.services.file_findings import layout_findings
from core.imports.services.file_source import FileSource
from core.imports.services.opening import open_first_store
from core.imports.services.options import ImportOptions
from core.imports.services.results import Finding
from core.imports.services.rules.amounts import ColumnAmounts
from core.imports.services.rules.dates import SWAPPED, decide_dates
from core.imports.services.rules.profile import Profile
from core.imports.services.staging import Writer
from core.imports.services.unknowns import Unknowns
from core.imports.services.values.amounts import AmountRules
from core.imports.services.values.codes import Codes, folded_name, unambiguous, unknown_code
from core.imports.services.values.dates import EARLIEST_DAY, DateRules, Ways
from core.imports.services.values.memo import NULL
from core.jobs.progress import Progress
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.merged import Mergeable, kept_ids
from core.stores.models import Store
from core.stores.selectors import has_several_stores, only_store

# Ids fetched at a time: at first so many, then twice as many each time.
RESERVED, MOST_RESERVED = 100, 20_000


@dataclass
class Counts:
    """Records made, changed and left as they are."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ProgressReporter:
    """Whoever is told sees to it that this is not too often."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress or (lambda _progress: None)
        self._started = 0.0

    def step(self, phase: str) -> None:
        self._started = time.monotonic()
        self._on_progress(Progress(phase))

    def read(self, line: int, total: int) -> None:
        self._on_progress(Progress("reading", min(line, total), total, time.monotonic() - self._started))


@dataclass
class ImportContext:
    cursor: CursorWrapper
    options: ImportOptions
    columns: Columns
    source: FileSource
    progress: ProgressReporter
    # None: the command line.
    acting_user: User | None = None
    audited: bool = True
    # Rows read so far.
    rows: int = 0
    # Clients made because a visit named them.
    new_clients: int = 0
    # What the file holds, as a check tells it.
    overview: dict[str, Any] = field(default_factory=dict)
    # Which days of which stores its visits are of.
    span: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.errors = RowErrors(keep_all=self.options.skip_bad_rows)
        self.questions = self.columns.questions
        for question in self.source.questions:
            self.questions.ask(question)
        self.matching: list[tuple[Unknowns, Codes]] = []
        self.writer = Writer(self.cursor)
        self.findings = [*layout_findings(self.source), *self.columns.findings]

    def has(self, name: str) -> bool:
        return name in self.columns.by_field

    def warn(self, code: str, message: str) -> None:
        self.findings.append(Finding("warning", code, message))

    def amount_rules(self, name: str) -> AmountRules:
        heading, currency = self.columns.heading_of(name), current_chain().currency
        return ColumnAmounts(self.questions, name, heading, lambda: self.profile.texts(name), currency).rules

    @cached_property
    def profile(self) -> Profile:
        return Profile(self.source, self.columns.in_file)

    @cached_property
    def stores(self) -> "Stores":
        return Stores.load()

    def date_rules(self, name: str, *, earliest: date = EARLIEST_DAY, yearless: bool = False) -> DateRules:
        column, heading = self.columns.by_field.get(name), self.columns.heading_of(name)
        latest = self.stores.latest_day
        if column is not None and column.field.years_ahead:
            latest += timedelta(days=366 * column.field.years_ahead)

        @cache
        def ways() -> Ways:
            texts = self.profile.texts(name)
            return decide_dates(
                self.questions,
                name,
                heading,
                texts,
                latest=latest,
                earliest=earliest,
                yearless=yearless,
                is_1904=self.source.is_1904,
            )

        may_be_swapped = self.questions.answers.get(f"swapped:{name}") == SWAPPED
        return DateRules(self.options.date_format, latest, earliest, ways, yearless, may_be_swapped)

    def store_of_option(self) -> str:
        """The id of the store of rows that name none, as COPY takes it; of a chain with one store at most it need not
        be said. Raises AppError for an unknown one."""
        code, ids = self.options.store, self.stores.ids
        if code is None and self._is_of_only_store and not has_several_stores():
            store = only_store() or open_first_store(self.questions, self.acting_user)
            return NULL if store is None else self._added(store)
        pk = None if code is None else ids.get(code) or self.stores.by_name.get(folded_name(code))
        if code is not None and pk is None:
            problem = unknown_code("unknown_store", _("There is no store “%s”."), code, ids)
            raise AppError("unknown_store", str(problem), field="store")
        return NULL if pk is None else str(pk)

    def _added(self, store: Store) -> str:
        if store.code not in self.stores.ids:
            self.stores.add(store)
        return str(store.pk)

    @property
    def _is_of_only_store(self) -> bool:
        per_store = self.options.client_ref_per_store
        return not self.has("store_code") and needs_store(self.source.kind, client_ref_per_store=per_store)

    def conclude_matching(self) -> None:
        """Asks once more about unknown values, now that their rows are counted."""
        for unknowns, codes in self.matching:
            unknowns.conclude(codes.rows, some_known=codes.some_known)

    def reserve(self, sequence: str) -> Callable[[], int]:
        """Ids of records that are made when the file has been read."""
        reserved: list[int] = []
        size = RESERVED

        def fetch() -> list[int]:
            self.cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s::int)", [sequence, size])
            return [int(row[0]) for row in self.cursor.fetchall()]

        def take() -> int:
            nonlocal size
            if not reserved:
                reserved.extend(reversed(self.writer.ask(fetch)))
                size = min(2 * size, MOST_RESERVED)
            return reserved.pop()

        return take


def coded(model: type[Mergeable], order: str, *, code: str = "code") -> list[tuple[int, str, str]]:
    """Id, code and name of all that files may name: those that were merged into another too, as they are still told
    from it. A code that a record had before is its own."""
    rows: QuerySet[Any, Any] = (
        QuerySet(model).order_by(order).values_list("pk", code, "name", "merged_into", "is_former")
    )
    return [(into if is_former else pk, said, said if is_former else name) for pk, said, name, into, is_former in rows]


@dataclass(frozen=True)
class Stores:
    """The chain's stores: ids and time zones by code and by id."""

    ids: dict[str, int]
    zones: dict[str, str]
    latest_day: date
    # The local date in each store, where they differ.
    today: dict[str, date]
    # Codes and names that one store alone has, folded.
    by_name: dict[str, int]
    # What stores lead to that were merged into another.
    merged: dict[int, int]

    @classmethod
    def load(cls) -> "Stores":
        default = current_chain().time_zone
        rows, merged = coded(Store, "pk"), kept_ids(Store)
        zones = {str(pk): zone or default for pk, zone in Store.known.values_list("pk", "time_zone")}
        dates = {zone: datetime.now(ZoneInfo(zone)).date() for zone in {*zones.values(), default}}
        today = {pk: dates[zone] for pk, zone in zones.items()} if len(set(dates.values())) > 1 else {}
        names = unambiguous(((text, pk) for pk, code, name in rows for text in (code, name)), merged)
        return cls({code: pk for pk, code, _name in rows}, zones, max(dates.values()), today, names, merged)

    def code_of(self, pk: str) -> str | None:
        return next((code for code, known in self.ids.items() if str(known) == pk), None)

    def add(self, store: Store) -> None:
        """One that is opened while the file is read."""
        self.ids[store.code] = store.pk
        self.zones[str(store.pk)] = zone = store.time_zone or current_chain().time_zone
        if self.today:
            self.today[str(store.pk)] = datetime.now(ZoneInfo(zone)).date()
