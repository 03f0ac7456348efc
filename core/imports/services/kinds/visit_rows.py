"""Reads the rows of a visits file: a row is a line of a visit."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.imports.services.context import ImportContext, Stores
from core.imports.services.rows import Chunk
from core.imports.services.values.codes import Codes, unknown
from core.imports.services.values.dates import DateRules, DateTimes
from core.imports.services.values.memo import NULL, Memo, Problem, shortened
from core.imports.services.values.numbers import amounts, integers, quantities, ratings
from core.imports.services.values.texts import LINE_KINDS, Texts, flags, words
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.visits.models import VisitLine

LONGEST_VISIT_MINUTES = 100_000
DEFAULT_KIND = str(VisitLine.Kind.SERVICE)


@dataclass(frozen=True)
class NewService:
    id: int
    code: str
    category: str


class VisitRows:
    """Turns cells into columns of values, and keeps what has to be made for them."""

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self.stores = Stores.load()
        create = context.options.create_missing
        self.new_services: list[NewService] = []
        # Returns whose amounts were written without a sign.
        self.turned_returns = 0
        self._store_codes = Codes(
            self.stores.ids,
            error=("unknown_store", _("There is no store “%s”.")),
            max_length=64,
        )
        self._default_store = self._store_of_option()
        self._prepare_catalogue(create=create)
        staff = dict(StaffMember.objects.values_list("code", "pk"))
        self.staff = Codes(
            staff,
            error=("unknown_staff", _("There is no staff member “%s”.")),
            max_length=64,
            make=context.reserve("staff_staffmember_id_seq") if create else None,
        )
        self._prepare_values()

    def _store_of_option(self) -> str:
        code = self.context.options.store
        if code is None:
            return NULL
        if code not in self.stores.ids:
            problem = unknown("unknown_store", _("There is no store “%s”."), code, self.stores.ids)
            raise AppError("unknown_store", str(problem), field="store")
        return str(self.stores.ids[code])

    def _prepare_catalogue(self, *, create: bool) -> None:
        categories = dict(ServiceCategory.objects.values_list("name", "pk"))
        self.categories = Codes(
            categories,
            error=("", "%s"),
            max_length=100,
            make=self.context.reserve("catalogue_servicecategory_id_seq"),
        )
        services = list(Service.objects.order_by("-pk").values_list("pk", "code", "name", "category_id"))
        names = {name.casefold(): pk for pk, _code, name, _category in services}
        names |= {name: pk for pk, _code, name, _category in services}
        self._service_categories = {str(pk): str(category) for pk, _code, _name, category in services}
        self._services = Codes(
            {code: pk for pk, code, _name, _category in services},
            error=("unknown_service", _("There is no service “%s”.")),
            max_length=100,
            make=self.context.reserve("catalogue_service_id_seq") if create else None,
            otherwise=names,
        )

    def _prepare_values(self) -> None:
        context = self.context
        self._dates = DateTimes(
            DateRules(
                context.options.date_format,
                self.stores.latest_day,
                accept_iso=context.source.has_real_dates,
                heading=context.columns.heading_of("started_at"),
            )
        )
        self._clients = Texts(100)
        self._refs = Texts(100)
        self._amounts = amounts(context.decimal_separator_of("amount"))
        self._quantities = quantities()
        self._minutes = integers(LONGEST_VISIT_MINUTES)
        self._ratings = ratings()
        self._flags = flags()
        self._kinds = words(LINE_KINDS)

    def convert(self, chunk: Chunk) -> list[Sequence[str]]:
        """In the order of the columns of `visit_staging.INBOX`."""
        chunk.require(["started_at", "amount"])
        stores = self._stores(chunk)
        days, times = self._days(chunk, stores)
        services = self._service_ids(chunk)
        given, categories = self._category_ids(chunk, services)
        quantities, money = self._numbers(chunk)
        columns: list[Sequence[str]] = [
            stores,
            self._texts(chunk, "client_ref", self._clients),
            self._texts(chunk, "visit_ref", self._refs),
            days,
            times,
            self._values(chunk, "kind", self._kinds, DEFAULT_KIND),
            services,
            given,
            categories,
            self._values(chunk, "staff_code", self.staff, NULL),
            quantities,
            money,
            self._values(chunk, "paid_by_card", self._flags, "f"),
            self._values(chunk, "duration_min", self._minutes, NULL),
            self._values(chunk, "rating", self._ratings, NULL),
        ]
        return [list(map(str, chunk.lines)), self._bad(chunk), *columns]

    @staticmethod
    def _bad(chunk: Chunk) -> list[str]:
        bad = ["f"] * len(chunk)
        for index in chunk.bad:
            bad[index] = "t"
        return bad

    def _values(self, chunk: Chunk, name: str, reader: Memo, default: str) -> list[str]:
        cells = chunk.cells.get(name)
        if cells is None:
            return [default] * len(chunk)
        values = reader.read(cells)
        chunk.flag(name, reader.problems)
        return values

    @staticmethod
    def _texts(chunk: Chunk, name: str, reader: Texts) -> list[str]:
        cells = chunk.cells.get(name)
        if cells is None:
            return [NULL] * len(chunk)
        values = reader.read(cells)
        chunk.flag(name, reader.problems)
        return values

    def _stores(self, chunk: Chunk) -> list[str]:
        default = self._default_store
        values = self._values(chunk, "store_code", self._store_codes, default)
        if "store_code" in chunk.cells and NULL in values:
            missing = Problem("missing_value", _("There has to be a value."))
            for index, cell in enumerate(chunk.cells["store_code"]):
                if values[index] == NULL and not cell.strip():
                    values[index] = default
                    if default == NULL:
                        chunk.flag_row(index, "store_code", missing)
        return values

    def _days(self, chunk: Chunk, stores: list[str]) -> tuple[list[str], list[str]]:
        cells = chunk.cells["started_at"]
        days, times = self._dates.read(cells, stores, self.stores.zones)
        chunk.flag("started_at", self._dates.problems)
        today = self.stores.today
        if today:
            for index, (store, day) in enumerate(zip(stores, days, strict=True)):
                if NULL not in {day, store} and day > today[store].isoformat():
                    message = _("“%s” lies in the future.") % shortened(cells[index])
                    chunk.flag_row(index, "started_at", Problem("future_date", message), cells[index])
        return days, times

    def _service_ids(self, chunk: Chunk) -> list[str]:
        """By `service_code`, and by `item` where that is empty or not there."""
        known = len(self._services.new)
        values = self._values(chunk, "service_code", self._services, NULL)
        if "item" in chunk.cells:
            items = chunk.cells["item"]
            if "service_code" not in chunk.cells:
                values = self._values(chunk, "item", self._services, NULL)
            elif NULL in values:
                codes = chunk.cells["service_code"]
                asked = [item if not code.strip() else "" for item, code in zip(items, codes, strict=True)]
                found = self._services.read(asked)
                chunk.flag("item", self._services.problems, asked)
                values = [value if value != NULL else other for value, other in zip(values, found, strict=True)]
        if len(self._services.new) > known:
            self._note_new_services(chunk, values, known)
        return values

    def _note_new_services(self, chunk: Chunk, values: list[str], known: int) -> None:
        """A service made for a row takes the category of that row."""
        for code, pk in list(self._services.new.items())[known:]:
            row = values.index(str(pk)) if str(pk) in values else None
            named = chunk.cells["category"][row].strip() if "category" in chunk.cells and row is not None else ""
            category = self.categories[named or UNCATEGORISED]
            if category == NULL:
                category = self.categories[UNCATEGORISED]
            self.new_services.append(NewService(pk, code, category))
            self._service_categories[str(pk)] = category

    def _category_ids(self, chunk: Chunk, services: list[str]) -> tuple[list[str], list[str]]:
        """What the row says, and what holds: the row's, else its service's, else none's."""
        of_service = self._service_categories
        if NULL in services and NULL not in of_service:
            of_service[NULL] = self.categories[UNCATEGORISED]
        given = self._values(chunk, "category", self.categories, NULL)
        inherited = map(of_service.__getitem__, services)
        return given, [own if own != NULL else other for own, other in zip(given, inherited, strict=True)]

    def _numbers(self, chunk: Chunk) -> tuple[list[str], list[str]]:
        money = self._values(chunk, "amount", self._amounts, NULL)
        if "quantity" in chunk.cells:
            quantities = self._values(chunk, "quantity", self._quantities, "1")
            if "-" in "".join(quantities):
                self._turn_returns(quantities, money)
            return quantities, money
        return ["-1" if amount[0] == "-" else "1" for amount in money], money

    def _turn_returns(self, quantities: list[str], money: list[str]) -> None:
        """Some tills write what was given back without a sign."""
        for index, (quantity, amount) in enumerate(zip(quantities, money, strict=True)):
            if quantity[0] == "-" and amount[0] not in "-\\" and amount.strip("0."):
                money[index] = f"-{amount}"
                self.turned_returns += 1
