"""The fields that columns of a file can mean. Apps declare those of their records as `FILE_FIELDS`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import pgettext_lazy

from core.shared.declarations import declared

NAME = pgettext_lazy("of a person or a thing", "Name")


class Value(Enum):
    """What the cells of a field hold."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    BIRTH_DATE = "birth date"
    DATE_TIME = "date-time"
    TIME = "time of day"
    MONEY = "money"
    QUANTITY = "quantity"
    INTEGER = "integer"
    MINUTES = "minutes"
    RATING = "rating"
    TIMES = "times"
    EXPIRY = "expiry"
    FLAG = "flag"
    CHOICE = "choice"
    TIME_ZONE = "time zone"


@dataclass(frozen=True)
class Field:
    name: str
    label: str | Promise
    value: Value = Value.TEXT
    required: bool = False
    # A cell that cannot be read is an error of its row, as where it is required. Else the cell alone is left empty.
    essential: bool = False
    max_length: int = 200
    largest: int = 100_000
    # How far into the future its dates may lie.
    years_ahead: int = 0
    # Further headings of its column, parted by spaces, beside those of `core/imports/headings.toml`.
    headings: str = ""
    # The column in the database that takes the value as it is; empty where the app's own loading sees to it.
    column: str = ""
    # The labels of a choice's values, and what cells may say for each beside the value itself, in lower case.
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_aside(self) -> bool:
        """Whether the rest of a row is right without it."""
        return not (self.required or self.essential or self.value in {Value.CODE, Value.QUANTITY})


@dataclass(frozen=True)
class FileFields:
    """Of a kind of file; those of several apps add up."""

    kind: str
    fields: tuple[Field, ...]


_VALUES: tuple[tuple["type[models.Field[Any, Any]]", Value], ...] = (
    (models.DateField, Value.DATE),
    (models.DecimalField, Value.MONEY),
    (models.IntegerField, Value.INTEGER),
    (models.BooleanField, Value.FLAG),
)


def model_field(model: type[models.Model], column: str, **differing: Any) -> Field:
    """The field of a file that fills a column of the model, as the model describes it but for what differs."""
    source = model._meta.get_field(column)
    if not isinstance(source, models.Field):
        raise TypeError(f"{column} is no column of {model.__name__}.")
    value = next((value for kind, value in _VALUES if isinstance(source, kind)), Value.TEXT)
    described = {
        "name": column,
        "label": capfirst(source.verbose_name),
        "value": Value.CHOICE if source.choices else value,
        "max_length": source.max_length or Field.max_length,
        "column": column,
        "choices": dict(source.flatchoices),
    }
    return Field(**{**described, **differing})


def fields_of(kind: str) -> tuple[Field, ...]:
    return tuple(field for part in declared("FILE_FIELDS", FileFields) if part.kind == kind for field in part.fields)


def filled_columns() -> dict[str, Field]:
    """The fields of all kinds that fill a column, by name."""
    parts = declared("FILE_FIELDS", FileFields)
    return {field.name: field for part in parts for field in part.fields if field.column}
