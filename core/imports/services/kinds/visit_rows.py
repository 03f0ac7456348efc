"""Reads the rows of a visits file: a row is a line of a visit."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.catalogue.models import UNCATEGORISED, Service
from core.imports.services.chunks import Chunk, missing_value, row_columns
from core.imports.services.column_questions import LIST_PRICE, NO_AMOUNT
from core.imports.services.context import ImportContext
from core.imports.services.kinds.matching import category_codes, service_codes, staff_codes, store_codes
from core.imports.services.kinds.readers import reader_of
from core.imports.services.kinds.visit_meanings import VisitMeanings
from core.imports.services.kinds.visit_parts import AmountParts
from core.imports.services.kinds.visit_splits import Splits
from core.imports.services.kinds.visit_totals import RepeatedTotals
from core.imports.services.values.amounts import amounts
from core.imports.services.values.memo import NULL, Problem, Reader, shortened
from core.imports.services.values.moments import DateTimes
from core.imports.services.values.numbers import quantities
from core.imports.services.values.products import Products
from core.imports.services.values.times import Times


@dataclass(frozen=True)
class NewService:
    id: int
    code: str
    category: str


class VisitRows:
    """Turns cells into columns of values, and keeps what has to be made for them."""

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self.stores = context.stores
        self.new_services: list[NewService] = []
        # The store of the first row that names a staff member to be made.
        self.new_staff_stores: dict[int, int] = {}
        # Returns whose amounts were written without a sign.
        self.turned_returns = 0
        self._store_codes = store_codes(context)
        self._default_store = context.store_of_option()
        self._prepare_catalogue()
        self.staff = staff_codes(context)
        self._dates, self._times = DateTimes(context.date_rules("started_at")), Times()
        self._amounts = amounts(context.amount_rules("amount"))
        self._unit_prices = amounts(context.amount_rules("unit_price"))
        self._parts = AmountParts(context)
        self._products = Products()
        self._quantities = quantities()
        self._splits = Splits(context.questions, self._services.names)
        self._meanings = VisitMeanings(context, self._splits)
        self._totals = RepeatedTotals(context.questions)
        self._plain = [
            (column.field, reader_of(column.field, context))
            for column in context.columns.used
            if column.field.column and column.field.name != "paid_by_card"
        ]

    def _prepare_catalogue(self) -> None:
        self.categories = category_codes(self.context)
        self._priced: dict[str, str] | None = None
        self._list_prices = self._prices() if self.context.questions.taken(NO_AMOUNT) == LIST_PRICE else None
        self._services = service_codes(self.context)

    def _prices(self) -> dict[str, str]:
        if self._priced is None:
            priced = Service.known.exclude(price=None).values_list("pk", "price")
            self._priced = {str(pk): str(price) for pk, price in priced}
        return self._priced

    def arrange(self, chunk: Chunk) -> Chunk:
        """Without the rows that are no visits, and with a row for each service of a cell."""
        self._totals.look(chunk)
        return self._meanings.arrange(chunk)

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """By column of `visit_staging`'s inbox; columns that would hold its defaults alone are left out."""
        stores = self._stores(chunk)
        days, times = self._days(chunk, stores)
        services = self._service_ids(chunk)
        values: dict[str, Sequence[str]] = {"store_id": stores, "day": days, "start_time": times}
        values |= self._present(chunk)
        values |= self._meant(chunk, values.get("kind"))
        if "service_code" in chunk.cells or "item" in chunk.cells:
            values["service_id"] = services
        values |= self._category_ids(chunk, services)
        values |= self._numbers(chunk, services)
        if "staff_code" in chunk.cells:
            values["staff_id"] = self._staff_ids(chunk, stores)
        return {**row_columns(chunk), **values}

    def _present(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        """Columns that are read as they come."""
        return {field.column: self._values(chunk, field.name, reader, NULL) for field, reader in self._plain}

    def _meant(self, chunk: Chunk, kinds: Sequence[str] | None) -> dict[str, Sequence[str]]:
        """What words say of the lines."""
        columns = {"kind": self._meanings.kinds(chunk, kinds), "paid_by_card": self._meanings.paid_by_card(chunk)}
        return {name: values for name, values in columns.items() if values is not None}

    def conclude(self, cursor: CursorWrapper) -> None:
        """When all rows have been read."""
        self._meanings.conclude()
        self._totals.settle(cursor)

    @staticmethod
    def _values(chunk: Chunk, name: str, reader: Reader, default: str) -> list[str]:
        cells = chunk.cells.get(name)
        if cells is None:
            return [default] * len(chunk)
        values = reader.read(cells)
        chunk.flag(name, reader.problems)
        return values

    def _stores(self, chunk: Chunk) -> list[str]:
        default = self._default_store
        values = self._values(chunk, "store_code", self._store_codes, default)
        if "store_code" in chunk.cells and NULL in values:
            for index, cell in enumerate(chunk.cells["store_code"]):
                if values[index] == NULL and not cell.strip():
                    values[index] = default
                    if default == NULL:
                        chunk.flag_row(index, "store_code", missing_value())
        return values

    def _days(self, chunk: Chunk, stores: list[str]) -> tuple[list[str], list[str]]:
        cells = chunk.cells["started_at"]
        days, times = self._dates.read(cells, stores, self.stores.zones)
        chunk.flag("started_at", self._dates.problems)
        chunk.require("started_at", days)
        if "start_time" in chunk.cells:
            own = self._values(chunk, "start_time", self._times, NULL)
            times = [time if at == NULL else at for time, at in zip(times, own, strict=True)]
        today = self.stores.today
        if today:
            for index, (store, day) in enumerate(zip(stores, days, strict=True)):
                if NULL not in {day, store} and day > today[store].isoformat():
                    message = _("“%s” lies in the future.") % shortened(cells[index])
                    chunk.flag_row(index, "started_at", Problem("future_date", message), cells[index])
        return days, times

    def _service_ids(self, chunk: Chunk) -> list[str]:
        """By `service_code`, and by `item` where that is empty or not there."""
        values = self._values(chunk, "service_code", self._services, NULL)
        if "item" in chunk.cells:
            items = chunk.cells["item"]
            if "service_code" not in chunk.cells:
                values = self._values(chunk, "item", self._services, NULL)
            elif NULL in values:
                codes = chunk.cells["service_code"]
                names = [item if not code.strip() else "" for item, code in zip(items, codes, strict=True)]
                by_name = self._services.read(names)
                chunk.flag("item", self._services.problems, names)
                values = [value if value != NULL else other for value, other in zip(values, by_name, strict=True)]
        if fresh := self._services.fresh():
            self._note_new_services(chunk, values, fresh)
        return values

    def _note_new_services(self, chunk: Chunk, values: list[str], fresh: list[tuple[str, int]]) -> None:
        """A service made for a row takes the category of that row."""
        categories = chunk.cells.get("category") or [""] * len(values)
        first = dict(zip(reversed(values), reversed(categories), strict=True))
        for code, pk in fresh:
            named = first.get(str(pk), "").strip()
            category = self.categories[named or UNCATEGORISED]
            if category == NULL:
                category = self.categories[UNCATEGORISED]
            self.new_services.append(NewService(pk, code, category))

    def _category_ids(self, chunk: Chunk, services: list[str]) -> dict[str, Sequence[str]]:
        """What the row says. A line without a category follows its service, and without that it has none's."""
        if "category" not in chunk.cells and NULL not in services:
            return {}
        given = self._values(chunk, "category", self.categories, NULL)
        if NULL in services and NULL in given:
            nobodys = self.categories[UNCATEGORISED]
            pairs = zip(given, services, strict=True)
            given = [nobodys if own == service == NULL else own for own, service in pairs]
        return {"category_id": given}

    def _staff_ids(self, chunk: Chunk, stores: list[str]) -> list[str]:
        values = self._values(chunk, "staff_code", self.staff, NULL)
        if fresh := self.staff.fresh():
            # The first row of each staff member, as later ones are overwritten.
            first = dict(zip(reversed(values), reversed(stores), strict=True))
            for _code, pk in fresh:
                if first.get(str(pk), NULL) != NULL:
                    self.new_staff_stores[pk] = int(first[str(pk)])
        return values

    def _numbers(self, chunk: Chunk, services: list[str]) -> dict[str, Sequence[str]]:
        quantities = self._values(chunk, "quantity", self._quantities, "1")
        money = self._parts.take_off(chunk, self._money(chunk, services, quantities))
        if self._splits.groups:
            self._splits.share(money, services, self._prices())
        if "quantity" in chunk.cells:
            if "-" in "".join(quantities):
                self._turn_returns(quantities, money)
            return {"quantity": quantities, "amount": money}
        if "-" in "".join(money):
            return {"quantity": ["-1" if amount[0] == "-" else "1" for amount in money], "amount": money}
        return {"amount": money}

    def _money(self, chunk: Chunk, services: list[str], quantities: list[str]) -> list[str]:
        if "amount" in chunk.cells:
            money = self._values(chunk, "amount", self._amounts, NULL)
            chunk.require("amount", money)
            return money
        if "unit_price" in chunk.cells:
            prices = self._values(chunk, "unit_price", self._unit_prices, NULL)
            chunk.require("unit_price", prices)
            return self._multiplied(chunk, prices, quantities)
        if self._list_prices is None:
            return ["0"] * len(chunk)
        return self._multiplied(chunk, [self._list_prices.get(service, "0") for service in services], quantities)

    def _multiplied(self, chunk: Chunk, prices: list[str], quantities: list[str]) -> list[str]:
        money = list(map(self._products.__getitem__, zip(prices, quantities, strict=True)))
        if NULL in money:
            for index, amount in enumerate(money):
                if amount == NULL and index not in chunk.bad:
                    problem = Problem("number_too_large", _("Price times quantity is too large an amount."))
                    chunk.flag_row(index, "quantity", problem, f"{prices[index]} × {quantities[index]}")
        return money

    def _turn_returns(self, quantities: list[str], money: list[str]) -> None:
        """Some tills write what was given back without a sign."""
        for index, (quantity, amount) in enumerate(zip(quantities, money, strict=True)):
            if quantity[0] == "-" and amount[0] not in "-\\" and amount.strip("0."):
                money[index] = f"-{amount}"
                self.turned_returns += 1
