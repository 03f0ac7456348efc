"""How the cells of a field are read and staged, by what it holds."""

from collections.abc import Callable

from core.imports.services.context import ImportContext
from core.imports.services.rules.digits import LostDigits
from core.imports.services.rules.ratings import rating_rules
from core.imports.services.values.amounts import amounts
from core.imports.services.values.dates import EARLIEST_BIRTH, Dates
from core.imports.services.values.expiries import Expiries
from core.imports.services.values.memo import Reader
from core.imports.services.values.numbers import counts, integers, quantities
from core.imports.services.values.sides import minutes, ratings
from core.imports.services.values.texts import Texts, choices, flags, time_zones
from core.imports.services.values.times import Times
from core.shared.file_fields import Field, Value


def _birth_dates(field: Field, context: ImportContext) -> Reader:
    return Dates(context.date_rules(field.name, earliest=EARLIEST_BIRTH, yearless=True))


def _ratings(field: Field, context: ImportContext) -> Reader:
    return ratings(rating_rules(context.questions, field.name, context.columns.heading_of(field.name)))


# The type in the staging table, and the reader; what is not listed is text.
_READERS: dict[Value, tuple[str, Callable[[Field, ImportContext], Reader]]] = {
    Value.DATE: ("date", lambda field, context: Dates(context.date_rules(field.name))),
    # A date, or --05-12 without its year, see `core.clients.services.loading.birth_columns`.
    Value.BIRTH_DATE: ("text", _birth_dates),
    Value.TIME: ("time", lambda _field, _context: Times()),
    Value.MONEY: ("numeric", lambda field, context: amounts(context.amount_rules(field.name))),
    Value.QUANTITY: ("numeric", lambda _field, _context: quantities()),
    Value.INTEGER: ("int", lambda field, _context: integers(field.largest)),
    Value.MINUTES: ("int", lambda _field, _context: minutes()),
    Value.RATING: ("numeric", _ratings),
    Value.TIMES: ("numeric", lambda _field, _context: counts()),
    Value.EXPIRY: ("date", lambda field, context: Expiries(context.date_rules(field.name))),
    Value.FLAG: ("boolean", lambda _field, _context: flags()),
    Value.CHOICE: ("text", lambda field, _context: choices(field.choices, field.synonyms)),
    Value.TIME_ZONE: ("text", lambda _field, _context: time_zones()),
}


def staged_type(field: Field) -> str:
    return _READERS[field.value][0] if field.value in _READERS else "text"


def reader_of(field: Field, context: ImportContext) -> Reader:
    if field.value in _READERS:
        return _READERS[field.value][1](field, context)
    names_another = field.value is Value.CODE and not field.required
    heading = context.columns.heading_of(field.name)
    on_lost_digits = LostDigits(context.questions, field.name, heading) if names_another else None
    return Texts(field.max_length, on_lost_digits=on_lost_digits)
